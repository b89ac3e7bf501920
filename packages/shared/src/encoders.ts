import type { OutputFormat } from "./formats.ts";
import type { Variant } from "./schema.ts";

/** What a variant may tell an encoder, in sharp's own words. */
export type EncoderField =
  | "quality"
  | "effort"
  | "progressive"
  | "chromaSubsampling"
  | "lossless"
  | "palette";
export type EncoderFields = Pick<Variant, EncoderField>;

/** Where each is of use, as the end of a sentence. */
export const USED_BY: Record<EncoderField, string> = {
  quality: "it is for jpeg, webp and avif that are not lossless, and png with a palette",
  effort: "it is for webp, avif, and png with a palette",
  progressive: "it is for jpeg and png",
  chromaSubsampling: "it is for jpeg, and avif that is not lossless",
  lossless: "it is for webp and avif",
  palette: "it is for png",
};

/** The least and the most effort that an encoder knows. */
export const EFFORTS: { [format in OutputFormat]?: readonly [number, number] } = {
  png: [1, 10],
  webp: [0, 6],
  avif: [0, 9],
};

/** The fields that a format's encoder heeds, given the others. */
export function heededBy(format: OutputFormat, { lossless, palette }: EncoderFields): EncoderField[] {
  switch (format) {
    case "jpeg":
      return ["quality", "progressive", "chromaSubsampling"];
    case "png":
      // Given one of these, sharp would make a palette unasked.
      return palette ? ["progressive", "palette", "quality", "effort"] : ["progressive", "palette"];
    case "webp":
      return lossless ? ["effort", "lossless"] : ["effort", "lossless", "quality"];
    case "avif":
      return lossless ? ["effort", "lossless"] : ["effort", "lossless", "quality", "chromaSubsampling"];
  }
}

/** The fields that a variant gives, with their values. */
export function encoderEntries(variant: EncoderFields) {
  const fields = Object.keys(USED_BY) as EncoderField[];
  return fields.flatMap((field) => (variant[field] === undefined ? [] : [[field, variant[field]] as const]));
}

/** Of a variant's fields, those that its output's encoder heeds: with the format "source", others may be for other sources. */
export function encoderFields(format: OutputFormat, variant: EncoderFields): EncoderFields {
  const heeded = heededBy(format, variant);
  return Object.fromEntries(encoderEntries(variant).filter(([field]) => heeded.includes(field)));
}
