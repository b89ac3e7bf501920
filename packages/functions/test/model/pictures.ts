import { type Rule, ThumbsmithError, type Variant, writtenAs } from "@thumbsmith/shared";
import type { Thumbnails } from "../../src/image/thumbnail.ts";

/** Replaces the core: the bytes of a thumbnail name its source and its variant. */
export async function makePictures(bytes: Uint8Array, rule: Rule): Promise<Thumbnails> {
  const text = Buffer.from(bytes).toString();
  if (text.startsWith("bad")) throw new ThumbsmithError("not-an-image", "Expected an image, found bad.");
  const outputs = rule.variants.map((variant) => ({
    bytes: Buffer.from(picture(text, variant)),
    format: writtenAs("jpeg", variant.format),
    width: variant.width ?? 1,
    height: 1,
  }));
  const format = text.endsWith(".webp") ? "webp" : "jpeg";
  return {
    source: { format, width: 1, height: 1 },
    outputs,
    ...(rule.thumbHash && { thumbHash: thumbHashOf(text) }),
  };
}

export const thumbHashOf = (source: string) => `hash of ${source}`;

export function picture(source: string, { prefix, width, format }: Variant): string {
  return `${prefix} ${width} ${format} of ${source}`;
}
