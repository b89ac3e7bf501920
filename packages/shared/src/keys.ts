import { createHash } from "node:crypto";

import { ThumbsmithError } from "./errors.ts";
import { formatOfName, outputFormats, sourceFormats } from "./formats.ts";
import { capitalised, hasAcceptedSuffix } from "./names.ts";
import type { Rule, Variant } from "./schema.ts";

/** Where manifests lie in the thumbnails bucket. No variant may write here. */
export const MANIFEST_PREFIX = "manifests/";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1024;

/**
 * Where a variant of a source goes: the variant's prefix, then the source's path after the rule's prefix, with an
 * extension added where the format is not the one that the name promises. A name that ends in none of the rule's
 * suffixes promises nothing, and is kept as it is. The key of a name that was accepted once never changes.
 * @throws ThumbsmithError `invalid-key` or `key-too-long`
 * @example outputKey(rule, variant, "uploads/cats/tom.gif") // "thumbnails/cats/tom.gif.png"
 */
export function outputKey(rule: Rule, variant: Variant, sourceKey: string): string {
  const path = sourceKey.slice(rule.prefix.length);
  return checkKey(variant.prefix + path + addedExtension(rule, variant, path));
}

/**
 * Where the record of a source lies. Every key has one: a key that cannot be part of another is hashed, and since
 * a rule's prefix ends in a slash, no other source's manifest lies there.
 */
export function manifestKey(sourceKey: string): string {
  const key = `${MANIFEST_PREFIX}${sourceKey}.json`;
  if (Buffer.byteLength(key) <= MAX_KEY_BYTES && !climbs(key)) return key;
  return `${MANIFEST_PREFIX}${createHash("sha256").update(sourceKey).digest("hex")}.json`;
}

/** The keys under a prefix, to IAM's policies, which take these three characters for their own. */
export function keysUnder(prefix: string): string {
  return `${prefix.replace(/[$*?]/g, (special) => `\${${special}}`)}*`;
}

/** S3 lists keys in the order of their UTF-8 bytes. JavaScript's own order differs beyond the basic plane. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * No two sources may share an output. `a.gif` becomes `a.gif.png`, so the source `a.gif.png` has to become
 * `a.gif.png.png`: a name that another could be given gets the extension too.
 */
function addedExtension(rule: Rule, variant: Variant, path: string): string {
  const named = formatOfName(path);
  if (!named) return "";
  const format = variant.format === "source" ? sourceFormats[named].writtenAs : variant.format;
  const usual = outputFormats[format].extension;
  const extension = isLater(path) ? capitalised(usual) : usual;
  if (named !== format) return hasAcceptedSuffix(rule, path) ? extension : "";
  if (!path.endsWith(extension)) return "";
  const shorter = path.slice(0, -extension.length);
  const mayTakeIt =
    (rule.names === "any" || hasAcceptedSuffix(rule, shorter)) && isLater(shorter) === isLater(path);
  return mayTakeIt ? addedExtension(rule, variant, shorter) : "";
}

/**
 * Whether version 0.1 did not accept the name. The extension that such a name gets is capitalised: `a.jfif` becomes
 * `a.jfif.Webp`, since `a.jfif.webp` is the key of the output of the source `a.jfif.webp`, and stays it.
 */
function isLater(name: string): boolean {
  return /\.(jfif|jpe|heic|heif|JFIF|JPE|HEIC|HEIF|[A-Z][a-z]+)$/.test(name);
}

function checkKey(key: string): string {
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) {
    throw new ThumbsmithError(
      "key-too-long",
      `Expected an object key of at most ${MAX_KEY_BYTES} bytes, found ${bytes}: ${key.slice(0, 60)}… Use a shorter name.`,
    );
  }
  if (climbs(key)) {
    throw new ThumbsmithError("invalid-key", `Expected no "." or ".." segment in the object key ${key}.`);
  }
  return key;
}

/** Such keys are legal in S3, yet whatever copies the bucket to a disk would leave the prefix. */
function climbs(key: string): boolean {
  return key.split("/").some((segment) => segment === "." || segment === "..");
}
