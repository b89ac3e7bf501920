import { MAX_DIMENSION, type Variant } from "@thumbsmith/shared";

/** A size in pixels. */
export interface Size {
  width: number;
  height: number;
}

type Shape = Pick<Variant, "width" | "height" | "fit">;
export type Box = Size & Pick<Variant, "fit">;

/** The largest image that ThumbHash accepts. */
export const THUMB_HASH: Box = { width: 100, height: 100, fit: "inside" };

/** The box of a variant. A side that is not set is limited by what formats can hold, which matters for very thin sources. */
export function boxOf({ width, height, fit }: Shape): Box {
  if (width && height) return { width, height, fit };
  return { width: width ?? MAX_DIMENSION, height: height ?? MAX_DIMENSION, fit: "inside" };
}

/** The factor by which an image is scaled to fit a box. */
export function scaleTo({ width, height, fit }: Box, picture: Size): number {
  const [across, down] = [width / picture.width, height / picture.height];
  return fit === "cover" ? Math.max(across, down) : Math.min(across, down);
}

/** The box of a variant for one image. If `cover` must not enlarge the image, the box shrinks, in the same proportions. */
export function boxFor(variant: Shape & Pick<Variant, "withoutEnlargement">, picture: Size): Box {
  const box = boxOf(variant);
  const scale = scaleTo(box, picture);
  const isTooSmall = box.fit === "cover" && variant.withoutEnlargement && scale > 1;
  return isTooSmall ? { ...box, ...scaled(box, 1 / scale) } : box;
}

/** The factor by which a variant scales an image. */
export function scaleOf(variant: Shape & Pick<Variant, "withoutEnlargement">, picture: Size): number {
  const scale = scaleTo(boxOf(variant), picture);
  return variant.withoutEnlargement ? Math.min(scale, 1) : scale;
}

/** The size of an image after scaling, in whole pixels: each side has at least one. */
export function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** A point in an image: fractions of its width, from the left, and of its height, from the top. */
export interface Point {
  x: number;
  y: number;
}

/** The crop of an image that is scaled to cover a box, with the point as near its middle as possible. */
export function cropAround({ x, y }: Point, { width, height }: Size, picture: Size) {
  const whole = scaled(picture, Math.max(width / picture.width, height / picture.height));
  const covering = { width: Math.max(width, whole.width), height: Math.max(height, whole.height) };
  const from = (fraction: number, all: number, part: number) =>
    Math.min(Math.max(0, Math.round(fraction * all - part / 2)), all - part);
  const left = from(x, covering.width, width);
  const top = from(y, covering.height, height);
  return { covering, crop: { left, top, width, height } };
}

/**
 * sharp decodes a JPEG at an eighth if it is at least 16 times as large as its thumbnail. It rounds sizes to whole pixels
 * before it compares them, so a factor of just 16 may still be read at a quarter.
 */
const SHRINK_FOR_AN_EIGHTH = 16.1;
/** For a side of a few pixels, that rounding matters more: sharp may not shrink such an image at all. */
const LEAST_SIDE_FOR_AN_EIGHTH = 100;

/**
 * The factor by which libjpeg shrinks an image on load: 8, 4, 2 or 1. sharp leaves a factor of two or more to its filter.
 * @param by how many times larger the image is than its thumbnail
 */
export function shrinkOnLoad(by: number, { width, height }: Size): number {
  if (Math.min(width, height) < LEAST_SIDE_FOR_AN_EIGHTH) return 1;
  if (by >= SHRINK_FOR_AN_EIGHTH) return 8;
  if (by >= 8) return 4;
  return by >= 4 ? 2 : 1;
}
