import { type SourceFormat, type Variant, writtenAs } from "@thumbsmith/shared";
import type { Metadata } from "sharp";
import type { StoredAlpha } from "./bytes/restate-avif.ts";
import type { Box } from "./geometry.ts";
import { corrupt, heicNotDecodable } from "./rejections.ts";
import { MAX_CHANNELS, sharp } from "./sharp.ts";

/** What the header of a source says of it. */
export interface Inspected {
  /** The source, or what says the same in words that libvips knows. */
  bytes: Uint8Array;
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
  /** Of an AVIF whose transparency is not as libvips takes it to be. */
  alpha?: StoredAlpha;
  /** Of a TIFF with samples that are neither colour nor transparency: those to keep. */
  keep?: number[];
  /**
   * What the decoder is stopped by. "warning" would refuse photos that Samsung's phones get slightly wrong:
   * https://github.com/lovell/sharp/issues/1578. With less, libvips leaves a damaged tile of a TIFF black.
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

export async function readHeader(bytes: Uint8Array, format: SourceFormat): Promise<Metadata> {
  const metadata = await sharp(bytes, { limitInputPixels: false, limitInputChannels: MAX_CHANNELS })
    .metadata()
    .catch((cause) => {
      throw corrupt(format, cause);
    });
  if (metadata.compression === "hevc") throw heicNotDecodable();
  return metadata;
}

/** Frames cannot be turned, so an animation that lies on its side stands for itself by its first. */
export function framesOf({ pages = 1, orientation = 1 }: Metadata, format: SourceFormat): number {
  return (format === "gif" || format === "webp") && orientation === 1 ? pages : 1;
}
