/** What the studio's server sends to its page, as JSON. The two sides share only these types. */

/** The most sources, and the most deliveries, that the studio shows: the newest. */
export const MOST_SOURCES = 200;
/** The most sources that the server keeps: if shown ones are deleted, others take their place. */
export const KNOWN_SOURCES = 2 * MOST_SOURCES;
export const MOST_DELIVERIES = 60;

/** Everything that the page shows. It gets this when it connects, and then {@link Change}s. */
export interface View {
  config: ConfigView;
  /** Newest first. */
  sources: Source[];
  /** Newest first. */
  deliveries: Delivery[];
  deadLetters: DeadLetter[];
}

export type Change =
  | { type: "view"; view: View }
  | { type: "config"; config: ConfigView }
  | { type: "source"; source: Source }
  | { type: "delivery"; delivery: Delivery }
  | { type: "deadLetters"; deadLetters: DeadLetter[] };

export interface ConfigView {
  /** The name of the file, for messages. */
  file: string;
  rules: RuleView[];
  /** Why the file as saved is not in use. The previous version is. */
  error?: string;
}

export interface RuleView {
  prefix: string;
  /** Of names, in lower case, for the file chooser. Empty if any name is accepted. */
  suffixes: string[];
  variants: VariantView[];
}

export interface VariantView {
  prefix: string;
  /** Pixels of the box. */
  width?: number;
  height?: number;
  fit: "cover" | "contain" | "inside";
  withoutEnlargement: boolean;
}

/** `ignored`: it is in the bucket, but no rule matches it. */
export type Status = "waiting" | "made" | "rejected" | "failed" | "deleted" | "ignored";

/** An uploaded object, and what was made of it. */
export interface Source {
  key: string;
  status: Status;
  /** Milliseconds since 1970. */
  uploadedAt: number;
  etag: string;
  bytes: number;
  /** The format and size that its bytes have. */
  image?: { format: string; width: number; height: number };
  outputs: Output[];
  /** In base64, if the rule asks for it. */
  thumbHash?: string;
  /** Milliseconds that the outputs took. Unknown if they were made before the studio started. */
  phases?: Record<string, number>;
  /** Why there are no outputs. */
  reason?: Reason;
  /** What was not done as the upload asked. */
  notes?: string[];
}

/** One output in the thumbnails bucket. */
export interface Output {
  key: string;
  etag: string;
  format: string;
  width: number;
  height: number;
  bytes: number;
}

export interface Reason {
  code: string;
  /** What was expected, and what was found. */
  message: string;
  meaning: string;
  action: string;
}

/** One message: from its event, through the queue and one or more attempts, to a manifest or the dead letters. */
export interface Delivery {
  /** The message's. */
  id: string;
  keys: string[];
  /** As S3 names it, for example `ObjectCreated:Put`; `Reconcile` if the studio sent it. */
  event: string;
  /** Milliseconds since 1970. It can be received from `dueAt` on. */
  sentAt: number;
  dueAt: number;
  attempts: number;
  /** Also `waiting` between attempts. */
  stage: "waiting" | "attempt" | "answered" | "dead";
  /** How the last attempt ended. */
  end?: End;
}

export interface End {
  result: "made" | "rejected" | "removed" | "current" | "ignored" | "failed";
  /** How many outputs there are now. */
  outputs: number;
  milliseconds: number;
  code?: string;
  /** No rule matches the key any more: outputs of an earlier rule were removed. */
  unruled?: boolean;
}

/** A message that failed too often. */
export interface DeadLetter {
  id: string;
  keys: string[];
  event: string;
  attempts: number;
  reason: Reason;
}

/** The bodies of the requests that the page may post, by path. */
export interface Requests {
  "/uploads": { prefix: string; path: string; type: string };
  /** Sends the source's last upload event, or one like it, through the queue. */
  "/deliveries": { key: string; copies: number; delaySeconds: number };
  "/deletions": { key: string };
  "/redrives": Record<string, never>;
}

/** Where and how to upload a file: presigned for this one object. */
export interface Upload {
  key: string;
  url: string;
  headers: Record<string, string>;
}

/** Why a request was refused, as a sentence for the page. */
export interface Refusal {
  error: string;
}
