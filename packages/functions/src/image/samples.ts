import type { Sharp } from "sharp";
import { notDecodable } from "./rejections.ts";

/**
 * Decodes all pixels of an image, without the samples that are neither colour nor transparency. They have to be removed
 * before it is shrunk: sharp would take the last sample for alpha, and multiply the colours by it.
 * @param keep the indexes of the samples to keep, in order
 */
export async function keptSamples(pipeline: Sharp, keep: readonly number[]) {
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (keep.some((sample) => sample >= channels))
    throw notDecodable(`an image of ${channels} samples per pixel`);
  // In place, because an image may be large. No sample is overwritten before it is read: each moves towards the start.
  let to = 0;
  for (let pixel = 0; pixel < data.length; pixel += channels)
    for (const sample of keep) data[to++] = data[pixel + sample] ?? 0;
  return { data: data.subarray(0, to), raw: { width, height, channels: keep.length === 4 ? 4 : 3 } as const };
}
