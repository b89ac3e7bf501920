import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import sharp, { type Sharp } from "sharp";

export type Colour = readonly number[];

export const RED: Colour = [255, 0, 0];
export const GREEN: Colour = [0, 255, 0];
export const BLUE: Colour = [0, 0, 255];
export const WHITE: Colour = [255, 255, 255];

/** An image of one colour, for you to encode. It has transparency if the colour has a fourth channel. */
export function plain(width: number, height: number, colour: Colour): Sharp {
  return painted(width, height, () => colour);
}

/** An image whose pixels are computed from their positions. */
export function painted(width: number, height: number, colour: (x: number, y: number) => Colour): Sharp {
  const pixels = Array.from({ length: width * height }, (_, i) => colour(i % width, Math.floor(i / width)));
  const channels = pixels[0]?.length === 4 ? 4 : 3;
  return sharp(Buffer.from(pixels.flat()), { raw: { width, height, channels } });
}

/** The bytes of a file of samples/. */
export function sample(name: string): Promise<Buffer> {
  return readFile(fileURLToPath(new URL(`../../../samples/${name}`, import.meta.url)));
}

/** Decodes an image to 3 channels, or 4 if it has transparency. */
export async function pixelsOf(bytes: Uint8Array, page = 0) {
  const image = sharp(bytes, { page }).toColourspace("srgb").raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    width,
    height,
    channels,
    /** @param x from the left, or from the right if it is negative */
    at: (x: number, y: number): number[] => {
      const start = ((y < 0 ? height + y : y) * width + (x < 0 ? width + x : x)) * channels;
      return [...data.subarray(start, start + channels)];
    },
  };
}

/** The largest difference of any channel. */
export function difference(a: Colour, b: Colour): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? 0))));
}
