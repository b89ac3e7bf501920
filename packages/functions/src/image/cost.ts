import {
  decodeMegabytes,
  type Limits,
  megabytesToDecode,
  megabytesToEncode,
  megabytesToHold,
  type Raster,
  ThumbsmithError,
  type Variant,
  writtenAs,
} from "@thumbsmith/shared";
import type { Metadata } from "sharp";
import { boxFor, boxOf, scaled, scaleOf, scaleTo, shrinkOnLoad } from "./geometry.ts";
import { type Inspected, isAnimated } from "./header.ts";

/** Pixels. libvips supports no longer side, not even in an intermediate step. */
const MAX_INTERMEDIATE_SIDE = 10_000_000;
/** Bytes per sample of each of sharp's depths. */
const SAMPLE_BYTES: Record<string, number> = {
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
};
const MAX_SAMPLE_BYTES = 16;

/**
 * Rejects an image that has too many pixels, or whose thumbnails would take too much memory.
 * @returns the megabytes that making them takes at worst
 * @throws ThumbsmithError `too-many-pixels` or `side-too-long`
 */
export function checkCost(
  image: Omit<Inspected, "megabytes">,
  metadata: Metadata,
  bytes: Buffer,
  variants: readonly Variant[],
  limits: Limits,
): number {
  const size = `${image.width} × ${image.height}`;
  const frames = variants.some((variant) => isAnimated(image, variant)) ? image.frames : 1;
  const pixels = pixelsToDecode(image);
  if (pixels * frames > limits.pixels) {
    const each = pixels < image.width * image.height ? `${size}, read as ${pixels}` : `${size} = ${pixels}`;
    const found = frames > 1 ? `${frames} frames of ${size}` : each;
    throw new ThumbsmithError("too-many-pixels", `Expected at most ${limits.pixels} pixels, found ${found}.`);
  }
  const channels = metadata.channels + (image.keep?.length ?? 0);
  const bytesPerPixel = channels * (SAMPLE_BYTES[metadata.depth] ?? MAX_SAMPLE_BYTES);
  const raster: Raster = { format: image.format, pixels, frames, bytesPerPixel, bytes: bytes.length };
  const still = image.still ? megabytesToHold(scaled(image, Math.min(1, scaleTo(image.still, image)))) : 0;
  const encode = variants.map((variant) => encodeCost(image, variant));
  const megabytes = megabytesToDecode(raster) + still + Math.max(0, ...encode);
  const most = decodeMegabytes(limits);
  if (megabytes <= most) return megabytes;
  const message = `Expected an image that takes at most ${Math.floor(most)} megabytes, found one of ${size} that takes ${Math.ceil(megabytes)}.`;
  throw new ThumbsmithError("too-many-pixels", message);
}

/** Pixels of one frame to hold at once. A baseline JPEG is shrunk on load, so only the shrunk pixels count. */
function pixelsToDecode({ width, height, still, isDrawnOnce }: Omit<Inspected, "megabytes">): number {
  const shrink =
    isDrawnOnce && still ? shrinkOnLoad(1 / scaleTo(still, { width, height }), { width, height }) : 1;
  return Math.ceil(width / shrink) * Math.ceil(height / shrink);
}

/** @returns the megabytes that a variant's output takes at worst */
function encodeCost(image: Omit<Inspected, "megabytes">, variant: Variant): number {
  const box = boxOf(variant);
  const scale = scaleOf(variant, image);
  if (scale * Math.max(image.width, image.height) > MAX_INTERMEDIATE_SIDE) {
    const message = `Expected an image that can be enlarged to ${box.width} × ${box.height}, found ${image.width} × ${image.height}.`;
    throw new ThumbsmithError("side-too-long", message);
  }
  const { width, height } = box.fit === "inside" ? scaled(image, scale) : boxFor(variant, image);
  const frames = isAnimated(image, variant) ? image.frames : 1;
  const format = writtenAs(image.format, variant.format);
  return megabytesToEncode({ format, encoder: variant, pixels: width * height, frames });
}
