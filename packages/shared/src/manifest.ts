import * as z from "zod/mini";
import { codes, type RejectionCode } from "./errors.ts";
import { OutputFormat, SourceFormat } from "./schema.ts";

const count = z.int().check(z.nonnegative());

const SourceRecord = z.object({
  key: z.string(),
  etag: z.string(),
  versionId: z.optional(z.string()),
  bytes: count,
});
export type SourceRecord = z.infer<typeof SourceRecord>;

/** One variant that lies in the thumbnails bucket. */
export const OutputRecord = z.object({
  key: z.string(),
  etag: z.string(),
  format: OutputFormat,
  /** As S3 serves it. Manifests of release 0.1 have none: it follows from the format. */
  contentType: z.optional(z.string()),
  width: count,
  height: count,
  /** Of an animation; a still has none. */
  frames: z.optional(count),
  bytes: count,
  /** See `outputHash`. Release 0.1 wrote none: its records are as old as the manifest's `config`. */
  made: z.optional(z.string()),
  /** The header that it has. */
  cacheControl: z.optional(z.string()),
});
export type OutputRecord = z.infer<typeof OutputRecord>;

const rejectionCodes = Object.keys(codes).filter(
  (code): code is RejectionCode => codes[code as keyof typeof codes].kind === "rejected",
);

const common = {
  version: z.literal(1),
  /** See `configHash`. */
  config: z.string(),
  madeAt: z.iso.datetime(),
  release: z.string(),
};

/** The record of a source, written after its outputs: what was made of it, or the reason why nothing was. */
export const Manifest = z.discriminatedUnion("outcome", [
  z.object({
    ...common,
    outcome: z.literal("made"),
    source: z.extend(SourceRecord, { format: SourceFormat, width: count, height: count }),
    outputs: z.array(OutputRecord),
    /** In base64, where the rule asks for it: see https://evanw.github.io/thumbhash/. */
    thumbHash: z.optional(z.string()),
    /** What was not done as the upload asked, in sentences: a focus that cannot be read, say. */
    notes: z.optional(z.array(z.string())),
  }),
  z.object({
    ...common,
    outcome: z.literal("rejected"),
    source: SourceRecord,
    reason: z.object({ code: z.enum(rejectionCodes), message: z.string() }),
  }),
]);
export type Manifest = z.infer<typeof Manifest>;

/** Reads a manifest. One that is damaged, or of a release that this one does not know, counts as none. */
export function parseManifest(body: string): Manifest | undefined {
  try {
    return z.parse(Manifest, JSON.parse(body));
  } catch {
    return undefined;
  }
}
