import type { OutputFormat, Variant } from "@thumbsmith/shared";
import type { Sharp } from "sharp";

/** The encoders' qualities where the variant names none: alike to the eye at the size of a thumbnail. */
const DEFAULT_QUALITY = { jpeg: 80, webp: 80, avif: 55 };

/** Ends a pipeline in an encoder. What JPEG cannot show is laid on the variant's background. */
export function encode(
  pipeline: Sharp,
  format: OutputFormat,
  { quality, background }: Pick<Variant, "quality" | "background">,
): Sharp {
  switch (format) {
    case "jpeg":
      return pipeline.flatten({ background }).jpeg({ quality: quality ?? DEFAULT_QUALITY.jpeg });
    case "png":
      return pipeline.png();
    case "webp":
      return pipeline.webp({ quality: quality ?? DEFAULT_QUALITY.webp, effort: 2 });
    case "avif":
      return pipeline.avif({ quality: quality ?? DEFAULT_QUALITY.avif, effort: 2 });
  }
}
