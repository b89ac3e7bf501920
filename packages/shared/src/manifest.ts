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

/** One output in the thumbnails bucket. */
export const OutputRecord = z.object({
  key: z.string(),
  etag: z.string(),
  format: OutputFormat,
  /** The Content-Type that S3 serves. Manifests of release 0.1 do not have it: there, it follows from the format. */
  contentType: z.optional(z.string()),
  width: count,
  height: count,
  /** Only for an animation. */
  frames: z.optional(count),
  bytes: count,
  /** See `outputHash`. Release 0.1 did not write it: there, the manifest's `config` decides whether an output is stale. */
  made: z.optional(z.string()),
  /** The Cache-Control header that S3 serves. */
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
    /** Base64, if the rule asks for one: see https://evanw.github.io/thumbhash/. */
    thumbHash: z.optional(z.string()),
    /** Sentences about what was not done as the upload asked, for example because its focus cannot be parsed. */
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

/** Parses a manifest. Undefined if it is damaged, or of a later version: the outputs are then made again. */
export function parseManifest(body: string): Manifest | undefined {
  try {
    return z.parse(Manifest, JSON.parse(body));
  } catch {
    return undefined;
  }
}
