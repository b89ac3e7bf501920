import type { Variant } from "@thumbsmith/shared";
import type { ResizeOptions, Sharp } from "sharp";
import { type Box, boxFor, cropAround, type Point, type Size, scaled, scaleOf, scaleTo } from "./geometry.ts";
import type { Inspected } from "./header.ts";

/** How a picture meets a variant's box. */
export type Resize = Size &
  Pick<ResizeOptions, "position" | "withoutEnlargement" | "fastShrinkOnLoad"> & {
    fit: Box["fit"] | "fill";
  };

export function resizeOf(variant: Variant, image: Inspected): Resize {
  const { position, withoutEnlargement } = variant;
  return { ...boxFor(variant, image), position, withoutEnlargement };
}

/** Of a picture that was shrunk before: its sides are whole pixels, and so no longer quite in proportion. */
export function resizeAgain(variant: Variant, image: Inspected): Resize {
  const resize = resizeOf(variant, image);
  const scale = scaleOf(variant, image);
  // What the picture was shrunk for has its size already.
  const isLargest = image.still && scale >= Math.min(1, scaleTo(image.still, image));
  return resize.fit === "inside" && !isLargest ? { ...scaled(image, scale), fit: "fill" } : resize;
}

/**
 * Resizes a picture, or each frame of one.
 * @param picture its size before, upright
 * @param focus for the position of that name
 */
export function resized(
  pipeline: Sharp,
  resize: Resize & Pick<ResizeOptions, "background">,
  picture: Size,
  focus: Point,
): Sharp {
  if (resize.position !== "focus") return pipeline.resize(resize);
  const { covering, crop } = cropAround(focus, resize, picture);
  const { fastShrinkOnLoad } = resize;
  return pipeline.resize({ ...covering, fit: "fill", fastShrinkOnLoad }).extract(crop);
}
