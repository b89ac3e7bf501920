import type { Sharp } from "sharp";
import { type Colour, difference, painted, pixelsOf } from "./pixels.ts";

/** The colours of an image's four quarters: upper left, upper right, lower left, lower right. */
export type Quarters = readonly [Colour, Colour, Colour, Colour];

export const quartersSize = { width: 40, height: 20 };

/** Opaque quarters; below, the same with different alpha: half, opaque, a quarter, none. */
export const opaque: Quarters = [
  [200, 120, 90],
  [90, 140, 120],
  [60, 80, 150],
  [255, 255, 255],
];
export const transparent: Quarters = [
  [200, 120, 90, 128],
  [90, 140, 120, 255],
  [60, 80, 150, 64],
  [255, 255, 255, 0],
];

export function quarters(colours: Quarters): Sharp {
  const { width, height } = quartersSize;
  return painted(width, height, (x, y) => colours[(x < width / 2 ? 0 : 1) + (y < height / 2 ? 0 : 2)] ?? []);
}

/** The colours in the middles of an image's quarters. */
export async function middles(bytes: Uint8Array): Promise<Colour[]> {
  const { at, width, height } = await pixelsOf(bytes);
  const places = [
    [0.25, 0.25],
    [0.75, 0.25],
    [0.25, 0.75],
    [0.75, 0.75],
  ] as const;
  return places.map(([x, y]) => at(Math.floor(x * width), Math.floor(y * height)));
}

/** The largest difference between the middles of an image's quarters and these. The colour of transparent ones may differ. */
export async function farthest(bytes: Uint8Array, expected: Quarters): Promise<number> {
  const differences = (await middles(bytes)).map((found, i) => {
    const colour = expected[i] ?? [];
    const isSeen = colour[3] !== 0;
    return isSeen ? difference(found, colour) : (found[3] ?? Number.POSITIVE_INFINITY);
  });
  return Math.max(...differences);
}
