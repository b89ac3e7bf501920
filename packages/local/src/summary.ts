import type { Report, SourceImage } from "@thumbsmith/functions";
import type { OutputRecord } from "@thumbsmith/shared";

/** The result of one source's job. */
export interface End {
  result: "made" | "rejected" | "failed" | "removed";
  /** For a source without outputs: the stable code and the message. */
  reason?: string;
  source?: SourceImage;
  outputs: Omit<OutputRecord, "etag">[];
  milliseconds: number;
}

/** One file of this machine, and its result. */
export interface Result extends End {
  path: string;
  key: string;
  bytes: number;
}

/** Reduces the handler's report to what a person wants to know: are there thumbnails, and if not, why? */
export function endOf({ outcome, error }: Report): End {
  if (error) return { ...withReason(error.kind, error), milliseconds: 0 };
  const { manifest, phases } = outcome;
  const milliseconds = Math.round(Object.values(phases).reduce((sum, phase) => sum + phase, 0));
  if (!manifest) return { result: "removed", outputs: [], milliseconds };
  if (manifest.outcome === "rejected") return { ...withReason("rejected", manifest.reason), milliseconds };
  return { result: "made", source: manifest.source, outputs: manifest.outputs, milliseconds };
}

export function withReason(
  result: "rejected" | "failed",
  { code, message }: { code: string; message: string },
) {
  return { result, reason: `${code}: ${message}`, outputs: [] };
}
