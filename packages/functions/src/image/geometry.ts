import { MAX_DIMENSION, type Variant } from "@thumbsmith/shared";

/** In pixels. */
export interface Size {
  width: number;
  height: number;
}

type Shape = Pick<Variant, "width" | "height" | "fit">;
export type Box = Size & Pick<Variant, "fit">;

/** A ThumbHash is made of no larger picture. */
export const THUMB_HASH: Box = { width: 100, height: 100, fit: "inside" };

/** The box of a variant. A side that is left open is bounded by what can be written, however thin the source. */
export function boxOf({ width, height, fit }: Shape): Box {
  if (width && height) return { width, height, fit };
  return { width: width ?? MAX_DIMENSION, height: height ?? MAX_DIMENSION, fit: "inside" };
}

/** By how much a picture is scaled to meet a box. */
export function scaleTo({ width, height, fit }: Box, picture: Size): number {
  const [across, down] = [width / picture.width, height / picture.height];
  return fit === "cover" ? Math.max(across, down) : Math.min(across, down);
}

/** The box of a variant for one picture. One that must not be enlarged fills the largest box of the same proportions that it can. */
export function boxFor(variant: Shape & Pick<Variant, "withoutEnlargement">, picture: Size): Box {
  const box = boxOf(variant);
  const scale = scaleTo(box, picture);
  const isTooSmall = box.fit === "cover" && variant.withoutEnlargement && scale > 1;
  return isTooSmall ? { ...box, ...scaled(box, 1 / scale) } : box;
}

/** By how much a variant scales a picture. */
export function scaleOf(variant: Shape & Pick<Variant, "withoutEnlargement">, picture: Size): number {
  const scale = scaleTo(boxOf(variant), picture);
  return variant.withoutEnlargement ? Math.min(scale, 1) : scale;
}

/** A picture's size once it is scaled: what is less than half a pixel is one all the same. */
export function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** A place in a picture, by fractions of its width, from the left, and of its height, from the top. */
export interface Point {
  x: number;
  y: number;
}

/** What to crop of a picture that is scaled to cover a box: the point is as near the middle as the picture allows. */
export function cropAround({ x, y }: Point, { width, height }: Size, picture: Size) {
  const whole = scaled(picture, Math.max(width / picture.width, height / picture.height));
  const covering = { width: Math.max(width, whole.width), height: Math.max(height, whole.height) };
  const from = (fraction: number, all: number, part: number) =>
    Math.min(Math.max(0, Math.round(fraction * all - part / 2)), all - part);
  const left = from(x, covering.width, width);
  const top = from(y, covering.height, height);
  return { covering, crop: { left, top, width, height } };
}

/** Of a JPEG that is this much larger than what is made of it, sharp decodes an eighth. The rest is for what it rounds. */
const SHRINK_FOR_AN_EIGHTH = 16.1;
/** A side of a few pixels keeps it from that. */
const LEAST_SIDE_FOR_AN_EIGHTH = 100;

/**
 * By how much libjpeg shrinks a picture as it reads it: 8, 4, 2 or 1. sharp leaves a factor of two to its filter.
 * @param by how much larger the picture is than what is made of it
 */
export function shrinkOnLoad(by: number, { width, height }: Size): number {
  if (Math.min(width, height) < LEAST_SIDE_FOR_AN_EIGHTH) return 1;
  if (by >= SHRINK_FOR_AN_EIGHTH) return 8;
  if (by >= 8) return 4;
  return by >= 4 ? 2 : 1;
}
