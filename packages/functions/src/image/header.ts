import { type SourceFormat, type Variant, writtenAs } from "@thumbsmith/shared";
import type { Metadata } from "sharp";
import { isWholeGif } from "./bytes/gif.ts";
import type { StoredAlpha } from "./bytes/restate-avif.ts";
import { repairsOfWebp } from "./bytes/webp.ts";
import type { Box } from "./geometry.ts";
import { corrupt, heicNotDecodable } from "./rejections.ts";
import { MAX_CHANNELS, sharp } from "./sharp.ts";

/** What the header of a source says of it. */
export interface Inspected {
  /** The source, or what says the same in words that libvips knows, with a header that can be read. */
  bytes: Buffer;
  format: SourceFormat;
  /** As seen, after its orientation is applied. */
  width: number;
  height: number;
  /** Those of an animation that can be made whole; 1 for all else. */
  frames: number;
  /** Whether libvips reads an alpha channel. */
  hasAlpha: boolean;
  /** What libvips takes the samples for. */
  space: string;
  /** Of a JPEG, whether it can be shrunk as it is read, without being held. */
  isDrawnOnce: boolean;
  /** Of an AVIF whose transparency is not as libvips takes it to be. */
  alpha?: StoredAlpha;
  /** Of a TIFF with samples that are neither colour nor transparency: those to keep. */
  keep?: number[];
  /**
   * What stops the decoder. libjpeg only warns of a picture that ends early; what it warns of and holds no pixel, such
   * as https://github.com/lovell/sharp/issues/1578, `repairJpeg` puts right. libvips leaves a damaged tile of a TIFF
   * black unless a warning stops it. Other decoders report damage as an error.
   */
  failOn: "error" | "warning";
  /** The largest box that a still has to meet, if any is made. */
  still?: Box;
  /** That making the variants takes at worst. */
  megabytes: number;
}

/** Whether a variant is to have all frames, and can. */
export function isAnimated(
  { format, frames }: Pick<Inspected, "format" | "frames">,
  variant: Variant,
): boolean {
  return variant.animated && frames > 1 && writtenAs(format, variant.format) === "webp";
}

/** The header of an image, and the bytes in which it was found: those given, or a repaired copy. */
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
 * Those of an animation that can be made whole. Frames cannot be turned, so an animation that lies on its side stands
 * for itself by its first; so does one that was cut.
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
