import type { Sharp } from "sharp";
import type { StoredAlpha } from "./bytes/restate-avif.ts";

/** Factors and offsets for red, green, blue and alpha: they map alpha from 16 to 235 to 0 to 255, rounded. */
const TO_FULL_RANGE: [number[], number[]] = [
  [1, 1, 1, 255 / 219],
  [0, 0, 0, 0.5 - (16 * 255) / 219],
];

/**
 * Decodes all pixels of an AVIF whose alpha libvips would misread, and tells sharp whether it is premultiplied. The image
 * cannot be shrunk before that: sharp would multiply the colours by the misread alpha.
 */
export async function storedPixels(pipeline: Sharp, { isPremultiplied, isLimited }: StoredAlpha) {
  const samples = isLimited ? pipeline.ensureAlpha().linear(...TO_FULL_RANGE) : pipeline.ensureAlpha();
  const { data, info } = await samples.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { data, raw: { width, height, channels, premultiplied: isPremultiplied } };
}
