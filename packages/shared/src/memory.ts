import type { OutputFormat, SourceFormat } from "./formats.ts";
import type { Limits } from "./schema.ts";

/** Sources that one invocation has in hand at once: enough to fill two cores while others wait for S3. */
export const JOBS_IN_HAND = 4;
/** Megabytes of a warm function before it has seen an image: Node, the AWS SDK, sharp. */
const BASE_MEGABYTES = 250;

/**
 * What decoding takes at worst, in bytes for each byte of the raster: a progressive JPEG's coefficients are of two,
 * and AVIF holds reference frames. Most pictures are read line by line and take next to nothing, but only a decoder
 * could tell. Measured by `pnpm test:memory`.
 */
const DECODE_FACTOR: Record<SourceFormat, number> = { jpeg: 2, png: 2, webp: 3, gif: 3, tiff: 2, avif: 6.2 };

/** Megabytes that a megapixel takes on its way out. Measured likewise. */
const ENCODE_MEGABYTES: Record<OutputFormat, number> = { jpeg: 9, png: 4, webp: 8, avif: 35 };

/** What the memory of a decode follows from. */
export interface Raster {
  format: SourceFormat;
  pixels: number;
  bytesPerPixel: number;
  /** The compressed bytes, whose metadata libvips holds twice. */
  bytes: number;
}

/** Megabytes that an invocation may decode in at once: its memory without Node and without the sources' own bytes. */
export function decodeMegabytes({ memory, bytes }: Pick<Limits, "memory" | "bytes">): number {
  return memory - BASE_MEGABYTES - JOBS_IN_HAND * (bytes / 1e6);
}

/** Megabytes that decoding takes at worst. */
export function megabytesToDecode({ format, pixels, bytesPerPixel, bytes }: Raster): number {
  return (DECODE_FACTOR[format] * pixels * bytesPerPixel + 2 * bytes) / 1e6;
}

/** Megabytes that a decoded picture takes, transparency included. */
export function megabytesToHold({ width, height }: { width: number; height: number }): number {
  return (4 * width * height) / 1e6;
}

/** Megabytes that encoding takes at worst. */
export function megabytesToEncode(format: OutputFormat, pixels: number): number {
  return (ENCODE_MEGABYTES[format] * pixels) / 1e6;
}

/** Megabytes that the costliest of some formats takes at the limit, with three channels of eight bits. */
export function megabytesAtLimit(formats: readonly SourceFormat[], limits: Pick<Limits, "pixels" | "bytes">) {
  const raster = { ...limits, bytesPerPixel: 3 };
  return Math.max(...formats.map((format) => megabytesToDecode({ ...raster, format })));
}
