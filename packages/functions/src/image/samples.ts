import type { Sharp } from "sharp";
import { notDecodable } from "./rejections.ts";

/**
 * All pixels of a picture, without the samples that are neither colour nor transparency. They cannot be left out after
 * it is shrunk: sharp takes the last sample for alpha, and multiplies the colours by it.
 * @param keep the samples of the decoded picture to keep, in order
 */
export async function keptSamples(pipeline: Sharp, keep: readonly number[]) {
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (keep.some((sample) => sample >= channels))
    throw notDecodable(`a picture of ${channels} samples a pixel`);
  // In place, as a picture may be large: what is kept never stands before where it goes.
  let to = 0;
  for (let pixel = 0; pixel < data.length; pixel += channels)
    for (const sample of keep) data[to++] = data[pixel + sample] ?? 0;
  return { data: data.subarray(0, to), raw: { width, height, channels: keep.length === 4 ? 4 : 3 } as const };
}
