import { type EncoderFields, encoderFields, type OutputFormat } from "@thumbsmith/shared";
import type { Color, Sharp } from "sharp";

/**
 * Defaults of the encoders: qualities that look the same at the size of a thumbnail. WebP's effort of 2 takes half the time
 * of 4, which would look the same at this quality and be a tenth smaller.
 */
const DEFAULTS = {
  jpeg: { quality: 80 },
  png: {},
  webp: { quality: 82, effort: 2 },
  avif: { quality: 55, effort: 2 },
} as const satisfies Record<OutputFormat, EncoderFields>;

/** Adds the encoder to a pipeline. A JPEG gets an opaque background behind transparent pixels. */
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
