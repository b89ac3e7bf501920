import type { ConfigInput } from "./config.ts";
import { DEFAULT_FORMATS } from "./formats.ts";
import { outputKey } from "./keys.ts";
import { ruleOf } from "./names.ts";

/** The name of an output, which may not have been made yet. */
export interface OutputName {
  key: string;
  /** The variant's prefix. */
  prefix: string;
  /** Pixels of the variant's box. The output of a small source may be smaller: the manifest has its true size. */
  width?: number;
  height?: number;
}

/** Where an output is. With the ETag from the manifest, its address can be cached for ever. */
interface Placed {
  key: string;
  etag?: string;
}

/**
 * The outputs of a source, in the order of the variants. Empty if no rule reads the key.
 * @param config the rules of `thumbsmith.config.ts`, with or without their defaults filled in
 * @throws ThumbsmithError `invalid-key` or `key-too-long`, if the source is rejected for its key
 * @example outputsOf({ rules }, "uploads/cats/tom.gif") // [{ key: "thumbnails/cats/tom.gif.png", … }]
 */
export function outputsOf({ rules }: Pick<ConfigInput, "rules">, sourceKey: string): OutputName[] {
  const whole = rules.map((rule) => ({ ...rule, formats: rule.formats ?? DEFAULT_FORMATS }));
  const rule = ruleOf({ rules: whole }, sourceKey);
  if (!rule) return [];
  return rule.variants.map(({ prefix, format = "source", width, height }) => ({
    key: outputKey(rule, { prefix, format }, sourceKey),
    prefix,
    width,
    height,
  }));
}

/**
 * The URL of an output below `base`, the URL of the bucket or distribution.
 * @example urlOf("https://img.example.com", { key: "thumbnails/a b.jpg" }) // "https://img.example.com/thumbnails/a%20b.jpg"
 */
export function urlOf(base: string, { key, etag }: Placed): string {
  const path = key.split("/").map(encodeURIComponent).join("/");
  const version = etag ? `?v=${encodeURIComponent(etag.replaceAll('"', ""))}` : "";
  return `${base.replace(/\/+$/, "")}/${path}${version}`;
}

/**
 * The `srcset` of outputs that show one source in several widths: from {@link outputsOf} or from a manifest. If two are
 * equally wide, as with a source smaller than both boxes, the first is listed.
 */
export function srcsetOf(base: string, outputs: readonly (Placed & { width?: number })[]): string {
  const widths = new Map<number, string>();
  for (const output of outputs) {
    if (output.width !== undefined && !widths.has(output.width)) {
      widths.set(output.width, urlOf(base, output));
    }
  }
  return [...widths]
    .sort(([a], [b]) => a - b)
    .map(([width, url]) => `${url} ${width}w`)
    .join(", ");
}
