import type { VariantView } from "../view.ts";

/** In pixels. */
export interface Size {
  width: number;
  height: number;
}

/** The side of a place while nothing is known of the picture. */
const UNKNOWN = 150;

/** How large a thumbnail will be, as far as that can be said before it is made. */
export function placeOf({ width, height, fit, withoutEnlargement }: VariantView, picture?: Size): Size {
  if (!picture)
    return { width: Math.min(width ?? UNKNOWN, UNKNOWN), height: Math.min(height ?? UNKNOWN, UNKNOWN) };
  const [across, down] = [width && width / picture.width, height && height / picture.height];
  if (width && height && fit !== "inside") {
    const tooLarge = Math.max(1, width / picture.width, height / picture.height);
    return fit === "cover" && withoutEnlargement
      ? scaled({ width, height }, 1 / tooLarge)
      : { width, height };
  }
  const scale = Math.min(across ?? Number.POSITIVE_INFINITY, down ?? Number.POSITIVE_INFINITY);
  return scaled(picture, withoutEnlargement ? Math.min(scale, 1) : scale);
}

function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
