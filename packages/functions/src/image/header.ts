import { type SourceFormat, type Variant, writtenAs } from "@thumbsmith/shared";
import type { Metadata } from "sharp";
import { isWholeGif } from "./bytes/gif.ts";
import type { StoredAlpha } from "./bytes/restate-avif.ts";
import { repairsOfWebp } from "./bytes/webp.ts";
import type { Box } from "./geometry.ts";
import { corrupt, heicNotDecodable } from "./rejections.ts";
import { MAX_CHANNELS, sharp } from "./sharp.ts";

/** An image whose header was read. */
export interface Inspected {
  /** The source's bytes, or a copy that is repaired or rewritten so that libvips reads it right. */
  bytes: Buffer;
  format: SourceFormat;
  /** Pixels as displayed, after its orientation is applied. */
  width: number;
  height: number;
  /** The frames of an animation that can be made completely; otherwise 1. */
  frames: number;
  /** Whether libvips reads an alpha channel. */
  hasAlpha: boolean;
  /** libvips' interpretation of the samples. */
  space: string;
  /** For a JPEG, whether it can be shrunk on load without holding the whole image. */
  isDrawnOnce: boolean;
  /** For an AVIF whose transparency libvips would misread. */
  alpha?: StoredAlpha;
  /** For a TIFF with samples that are neither colour nor transparency: the indexes of those to keep. */
  keep?: number[];
  /**
   * What stops the decoder. libjpeg only warns of an image that ends early. `repairJpeg` corrects what it warns of without
   * affecting pixels, for example https://github.com/lovell/sharp/issues/1578. libvips leaves a damaged tile of a TIFF
   * black unless a warning stops it. Other decoders report damage as an error.
   */
  failOn: "error" | "warning";
  /** The box of the largest still that is made, if any is. */
  still?: Box;
  /** Megabytes that making the variants takes at worst. */
  megabytes: number;
}

/** Whether a variant's output gets all frames: it asks for them, and both formats have them. */
export function isAnimated(
  { format, frames }: Pick<Inspected, "format" | "frames">,
  variant: Variant,
): boolean {
  return variant.animated && frames > 1 && writtenAs(format, variant.format) === "webp";
}

/** Reads the header of an image. @returns it, and the bytes that it was read from: those given, or a repaired copy */
export async function readHeader(given: Buffer, format: SourceFormat) {
  const { bytes, metadata } = await readFirst(given, format);
  if (metadata.compression === "hevc" && format !== "heic") throw heicNotDecodable();
  return { bytes, metadata };
}

async function readFirst(given: Buffer, format: SourceFormat) {
  const read = async (bytes: Buffer) => ({
    bytes,
    metadata: await sharp(bytes, { limitInputPixels: false, limitInputChannels: MAX_CHANNELS }).metadata(),
  });
  try {
    return await read(given);
  } catch (cause) {
    for (const repaired of format === "webp" ? repairsOfWebp(given) : []) {
      const header = await read(repaired).catch(() => undefined);
      if (header) return header;
    }
    throw corrupt(format, cause);
  }
}

/**
 * The frames of an animation that can be made completely. It is only the first if the animation has an orientation, because
 * libvips cannot turn frames, or if it is cut.
 */
export function framesOf(
  { pages = 1, orientation = 1 }: Metadata,
  format: SourceFormat,
  bytes: Buffer,
): number {
  if (orientation !== 1) return 1;
  if (format === "gif") return isWholeGif(bytes) ? pages : 1;
  return format === "webp" ? pages : 1;
}
