import type { Variant } from "@thumbsmith/shared";
import type { ResizeOptions, Sharp } from "sharp";
import { type Box, boxFor, cropAround, type Point, type Size, scaled, scaleOf, scaleTo } from "./geometry.ts";
import type { Inspected } from "./header.ts";

/** The options of a resize to a variant's box. */
export type Resize = Size &
  Pick<ResizeOptions, "position" | "withoutEnlargement" | "fastShrinkOnLoad"> & {
    fit: Box["fit"] | "fill";
  };

export function resizeOf(variant: Variant, image: Inspected): Resize {
  const { position, withoutEnlargement } = variant;
  return { ...boxFor(variant, image), position, withoutEnlargement };
}

/** The same for an image that was already shrunk: its sides were rounded, so its proportions are not exact anymore. */
export function resizeAgain(variant: Variant, image: Inspected): Resize {
  const resize = resizeOf(variant, image);
  const scale = scaleOf(variant, image);
  // The variant that the image was shrunk for has its size already.
  const isLargest = image.still && scale >= Math.min(1, scaleTo(image.still, image));
  return resize.fit === "inside" && !isLargest ? { ...scaled(image, scale), fit: "fill" } : resize;
}

/**
 * Resizes an image, or each frame of one.
 * @param picture the upright size before
 * @param focus the point for the position "focus"
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
