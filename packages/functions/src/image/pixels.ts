import type { CreateRaw, Sharp } from "sharp";

/** A picture without its file: upright, in sRGB, eight bits a sample. */
export interface Pixels {
  data: Buffer;
  raw: CreateRaw;
}

/** Ends a pipeline in its pixels. */
export async function toPixels(pipeline: Sharp): Promise<Pixels> {
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  return { data, raw: { width: info.width, height: info.height, channels: info.channels } };
}
