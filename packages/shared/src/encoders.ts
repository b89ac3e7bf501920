import type { OutputFormat } from "./formats.ts";
import type { Variant } from "./schema.ts";

/** The fields of a variant that are passed to the encoder. Their names are sharp's. */
export type EncoderField =
  | "quality"
  | "effort"
  | "progressive"
  | "chromaSubsampling"
  | "lossless"
  | "palette";
export type EncoderFields = Pick<Variant, EncoderField>;

/** Which formats use each field, as the end of an error message. */
export const USED_BY: Record<EncoderField, string> = {
  quality: "it is for jpeg, webp and avif that are not lossless, and png with a palette",
  effort: "it is for webp, avif, and png with a palette",
  progressive: "it is for jpeg and png",
  chromaSubsampling: "it is for jpeg, and avif that is not lossless",
  lossless: "it is for webp and avif",
  palette: "it is for png",
};

/** The range of effort of each format's encoder. */
export const EFFORTS: { [format in OutputFormat]?: readonly [number, number] } = {
  png: [1, 10],
  webp: [0, 6],
  avif: [0, 9],
};

/** The fields that a format's encoder uses: `lossless` and `palette` decide about others. */
export function fieldsUsedBy(format: OutputFormat, { lossless, palette }: EncoderFields): EncoderField[] {
  switch (format) {
    case "jpeg":
      return ["quality", "progressive", "chromaSubsampling"];
    case "png":
      // If given a quality or an effort, sharp makes a palette even if none is asked for.
      return palette ? ["progressive", "palette", "quality", "effort"] : ["progressive", "palette"];
    case "webp":
      return lossless ? ["effort", "lossless"] : ["effort", "lossless", "quality"];
    case "avif":
      return lossless ? ["effort", "lossless"] : ["effort", "lossless", "quality", "chromaSubsampling"];
  }
}

/** The encoder fields that a variant sets, with their values. */
export function encoderEntries(variant: EncoderFields) {
  const fields = Object.keys(USED_BY) as EncoderField[];
  return fields.flatMap((field) => (variant[field] === undefined ? [] : [[field, variant[field]] as const]));
}

/** The variant's fields that this format's encoder uses. With the format "source", it may have fields for other formats. */
export function encoderFields(format: OutputFormat, variant: EncoderFields): EncoderFields {
  const used = fieldsUsedBy(format, variant);
  return Object.fromEntries(encoderEntries(variant).filter(([field]) => used.includes(field)));
}
