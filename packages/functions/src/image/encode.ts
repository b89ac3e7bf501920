import { type EncoderFields, encoderFields, type OutputFormat } from "@thumbsmith/shared";
import type { Color, Sharp } from "sharp";

/**
 * What the encoders are told where the variant says nothing: qualities alike to the eye at the size of a thumbnail, and
 * of a webp half the time of effort 4, which at a quality of 80 looks the same and is a tenth smaller.
 */
const DEFAULTS = {
  jpeg: { quality: 80 },
  png: {},
  webp: { quality: 82, effort: 2 },
  avif: { quality: 55, effort: 2 },
} as const satisfies Record<OutputFormat, EncoderFields>;

/** Ends a pipeline in an encoder. What JPEG cannot show is laid on an opaque background. */
export function encode(
  pipeline: Sharp,
  format: OutputFormat,
  { background, ...variant }: EncoderFields & { background: Color },
): Sharp {
  const options = { ...DEFAULTS[format], ...encoderFields(format, variant) };
  switch (format) {
    case "jpeg":
      return pipeline.flatten({ background }).jpeg(options);
    case "png":
      return pipeline.png(options);
    case "webp":
      return pipeline.webp(options);
    case "avif":
      return pipeline.avif(options);
  }
}
