import { type EncoderFields, encoderFields } from "./encoders.ts";
import type { OutputFormat, SourceFormat } from "./formats.ts";
import type { Limits, Variant } from "./schema.ts";

/** Sources that one invocation has in hand at once: enough to fill two cores while others wait for S3. */
export const JOBS_IN_HAND = 4;
/** Megabytes of a warm function before it has seen an image: Node, the AWS SDK, sharp. */
const BASE_MEGABYTES = 250;

/**
 * Bytes that decoding takes at worst, for each byte of the raster: the coefficients of a progressive JPEG have two bytes
 * each, AVIF holds reference frames, and HEIC is decoded in WebAssembly. Most images are decoded line by line and take
 * next to nothing, but only a decoder could tell. Measured by `pnpm test:memory`.
 */
const DECODE_FACTOR: Record<SourceFormat, number> = {
  jpeg: 2,
  png: 2,
  webp: 3,
  gif: 3,
  tiff: 2,
  avif: 6.2,
  heic: 5,
};

/** Megabytes that a decoder takes for any image: that of HEIC has its own thread and WebAssembly code. */
const DECODER_MEGABYTES: Partial<Record<SourceFormat, number>> = { heic: 60 };

/** Bytes that the frames of an animation take, for each byte of their rasters: libvips holds all frames of a WebP. */
const FRAMES_FACTOR: Partial<Record<SourceFormat, number>> = { webp: 1.1 };

/** Megabytes that encoding a megapixel takes. Measured by `pnpm test:memory`. */
const ENCODE_MEGABYTES: Record<OutputFormat, number> = { jpeg: 9, png: 4, webp: 8, avif: 35 };
/** The same for encoder fields that make it take more. */
const COSTLY: { format: OutputFormat; megabytes: number; when: (fields: EncoderFields) => boolean }[] = [
  { format: "jpeg", megabytes: 15, when: ({ chromaSubsampling }) => chromaSubsampling === "4:4:4" },
  { format: "png", megabytes: 10, when: ({ progressive }) => progressive === true },
  { format: "png", megabytes: 44, when: ({ palette }) => palette === true },
  { format: "webp", megabytes: 18, when: ({ effort = 0 }) => effort > 4 },
  { format: "webp", megabytes: 44, when: ({ lossless }) => lossless === true },
  { format: "avif", megabytes: 46, when: ({ lossless, effort = 0 }) => lossless === true || effort > 2 },
];
/** The same for each frame of an animation: the encoder holds all frames compressed, in addition to one as it is. */
const ENCODE_FRAMES_MEGABYTES = { lossy: 1.2, lossless: 7 };

/** What decides how much memory a decode takes. */
export interface Raster {
  format: SourceFormat;
  /** Decoded pixels of one frame. */
  pixels: number;
  /** Decoded frames. */
  frames: number;
  bytesPerPixel: number;
  /** The compressed bytes, whose metadata libvips holds twice. */
  bytes: number;
}

/** Megabytes that an invocation has for decoding: its memory minus Node and the sources' compressed bytes. */
export function decodeMegabytes({ memory, bytes }: Pick<Limits, "memory" | "bytes">): number {
  return memory - BASE_MEGABYTES - JOBS_IN_HAND * (bytes / 1e6);
}

/** Megabytes that decoding takes at worst. */
export function megabytesToDecode({ format, pixels, frames, bytesPerPixel, bytes }: Raster): number {
  const all = frames > 1 ? (FRAMES_FACTOR[format] ?? 0) * frames : 0;
  const raster = ((DECODE_FACTOR[format] + all) * pixels * bytesPerPixel + 2 * bytes) / 1e6;
  return raster + (DECODER_MEGABYTES[format] ?? 0);
}

/** Megabytes of a decoded image with four channels of eight bits. */
export function megabytesToHold({ width, height }: { width: number; height: number }): number {
  return (4 * width * height) / 1e6;
}

/** Megabytes that editing a megapixel takes: its pixels before and after, and what is drawn over them. */
const EDIT_MEGABYTES = 8;

/** The most pixels that an edit may return: for a small image, enough to put a wide frame around it. */
export function maxEditedPixels(pixels: number): number {
  return Math.max(2 * pixels, 1_000_000);
}

/** What decides how much memory encoding takes. */
export interface Written {
  format: OutputFormat;
  encoder?: EncoderFields & Pick<Variant, "edit">;
  /** Pixels of one frame. */
  pixels: number;
  frames?: number;
}

/** Megabytes that encoding takes at worst. */
export function megabytesToEncode({ format, encoder = {}, pixels, frames = 1 }: Written): number {
  const fields = encoderFields(format, encoder);
  const costly = COSTLY.filter((each) => each.format === format && each.when(fields));
  const one = Math.max(ENCODE_MEGABYTES[format], ...costly.map(({ megabytes }) => megabytes));
  const all = frames > 1 ? ENCODE_FRAMES_MEGABYTES[fields.lossless ? "lossless" : "lossy"] * frames : 0;
  if (encoder.edit) return ((one + EDIT_MEGABYTES) * maxEditedPixels(pixels)) / 1e6;
  return ((one + all) * pixels) / 1e6;
}

/** Megabytes that decoding the costliest of these formats takes at the limits, with three channels of eight bits. */
export function megabytesAtLimit(formats: readonly SourceFormat[], limits: Pick<Limits, "pixels" | "bytes">) {
  const raster = { ...limits, frames: 1, bytesPerPixel: 3 };
  return Math.max(...formats.map((format) => megabytesToDecode({ ...raster, format })));
}
