import type { Sharp } from "sharp";
import type { StoredAlpha } from "./bytes/restate-avif.ts";

/** What red, green, blue and alpha are multiplied by, and what is added: 16 to 235 of alpha become 0 to 255, rounded. */
const TO_FULL_RANGE: [number[], number[]] = [
  [1, 1, 1, 255 / 219],
  [0, 0, 0, 0.5 - (16 * 255) / 219],
];

/**
 * All pixels of a picture that stores its transparency in its own way, and for sharp the word of how. They cannot be
 * shrunk before: sharp would first multiply the colours by what it takes for alpha.
 */
export async function storedPixels(pipeline: Sharp, { isPremultiplied, isLimited }: StoredAlpha) {
  const samples = isLimited ? pipeline.ensureAlpha().linear(...TO_FULL_RANGE) : pipeline.ensureAlpha();
  const { data, info } = await samples.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { data, raw: { width, height, channels, premultiplied: isPremultiplied } };
}
