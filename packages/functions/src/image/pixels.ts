import type { CreateRaw, Sharp } from "sharp";

/** A decoded image: upright, in sRGB, with 8 bits per sample. */
export interface Pixels {
  data: Buffer;
  raw: CreateRaw;
}

/** Runs a pipeline and returns its pixels. */
export async function toPixels(pipeline: Sharp): Promise<Pixels> {
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  return { data, raw: { width: info.width, height: info.height, channels: info.channels } };
}
