import type { ConfigInput } from "./config.ts";
import { DEFAULT_FORMATS } from "./formats.ts";
import { outputKey } from "./keys.ts";
import { ruleOf } from "./names.ts";

/** An output as its name is known, be it made or not. */
export interface OutputName {
  key: string;
  /** The variant's. */
  prefix: string;
  /** Pixels of the variant's box: an output may be smaller, as its source is. The manifest has its true size. */
  width?: number;
  height?: number;
}

/** Where an output lies; with its ETag, as the manifest has it, what a cache may keep for ever. */
interface Placed {
  key: string;
  etag?: string;
}

/**
 * The outputs of a source, in the order of the variants. None, where no rule reads the key.
 * @param config the rules as `thumbsmith.config.ts` has them, with their defaults or without
 * @throws ThumbsmithError `invalid-key` or `key-too-long`, where the source is rejected for its key
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
 * The address of an output under that of the bucket or distribution.
 * @example urlOf("https://img.example.com", { key: "thumbnails/a b.jpg" }) // "https://img.example.com/thumbnails/a%20b.jpg"
 */
export function urlOf(base: string, { key, etag }: Placed): string {
  const path = key.split("/").map(encodeURIComponent).join("/");
  const version = etag ? `?v=${encodeURIComponent(etag.replaceAll('"', ""))}` : "";
  return `${base.replace(/\/+$/, "")}/${path}${version}`;
}

/**
 * The `srcset` of outputs that are one picture in several widths, be they of {@link outputsOf} or of a manifest. Of two that
 * are equally wide, as a small source makes them, the first stands for both.
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
