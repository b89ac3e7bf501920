import type { VariantView } from "../view.ts";

/** In pixels. */
export interface Size {
  width: number;
  height: number;
}

/** The side of a placeholder while the image's size is unknown. */
const UNKNOWN = 150;

/** The size that a thumbnail will have, as far as it is known before it is made. */
export function placeOf({ width, height, fit, withoutEnlargement }: VariantView, image?: Size): Size {
  if (!image)
    return { width: Math.min(width ?? UNKNOWN, UNKNOWN), height: Math.min(height ?? UNKNOWN, UNKNOWN) };
  const [across, down] = [width && width / image.width, height && height / image.height];
  if (width && height && fit !== "inside") {
    const tooLarge = Math.max(1, width / image.width, height / image.height);
    return fit === "cover" && withoutEnlargement
      ? scaled({ width, height }, 1 / tooLarge)
      : { width, height };
  }
  const scale = Math.min(across ?? Number.POSITIVE_INFINITY, down ?? Number.POSITIVE_INFINITY);
  return scaled(image, withoutEnlargement ? Math.min(scale, 1) : scale);
}

function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
