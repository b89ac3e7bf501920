import { ThumbsmithError } from "./errors.ts";
import { formatOfName, outputFormats, sourceFormats } from "./formats.ts";
import { capitalised, hasAcceptedSuffix } from "./names.ts";
import type { Rule, Variant } from "./schema.ts";

/** Where manifests lie in the thumbnails bucket. No variant may write here. */
export const MANIFEST_PREFIX = "manifests/";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const MAX_KEY_BYTES = 1024;

/** What the keys of outputs follow from. */
type NamingRule = Pick<Rule, "prefix" | "formats">;
type NamingVariant = Pick<Variant, "prefix" | "format">;

/**
 * Where a variant of a source goes: the variant's prefix, then the source's path after the rule's prefix, with an
 * extension added where the format is not the one that the name promises. A name that ends in none of the rule's
 * suffixes promises nothing, and is kept as it is. The key of a name that was accepted once never changes.
 * @throws ThumbsmithError `invalid-key` or `key-too-long`
 * @example outputKey(rule, variant, "uploads/cats/tom.gif") // "thumbnails/cats/tom.gif.png"
 */
export function outputKey(rule: NamingRule, variant: NamingVariant, sourceKey: string): string {
  const path = sourceKey.slice(rule.prefix.length);
  return checkKey(variant.prefix + path + addedExtension(rule, variant, path));
}

/** The keys under a prefix, to IAM's policies, which take these three characters for their own. */
export function keysUnder(prefix: string): string {
  return `${prefix.replace(/[$*?]/g, (special) => `\${${special}}`)}*`;
}

/**
 * No two sources may share an output. `a.gif` becomes `a.gif.png`, so the source `a.gif.png` has to become
 * `a.gif.png.png`: a name that another could be given gets the extension too.
 */
function addedExtension(rule: NamingRule, variant: NamingVariant, path: string): string {
  const named = formatOfName(path);
  if (!named) return "";
  const format = variant.format === "source" ? sourceFormats[named].writtenAs : variant.format;
  const usual = outputFormats[format].extension;
  const extension = isLater(path) ? capitalised(usual) : usual;
  const isNamed = hasAcceptedSuffix(rule, path);
  if (named !== format) return isNamed ? extension : "";
  if (!path.endsWith(extension)) return "";
  const shorter = path.slice(0, -extension.length);
  // Of a name that `names: "any"` alone takes, only the key that another source is given has to yield.
  if (!isNamed) return addedExtension(rule, variant, shorter) === extension ? extension : "";
  const mayTakeIt = hasAcceptedSuffix(rule, shorter) && isLater(shorter) === isLater(path);
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
  const bytes = bytesOf(key);
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

/** Bytes of a key as S3 counts them. */
export function bytesOf(key: string): number {
  return new TextEncoder().encode(key).length;
}

/** These keys are legal in S3, but a tool that copies the bucket to a disk would write outside the prefix. */
export function climbs(key: string): boolean {
  return key.split("/").some((segment) => segment === "." || segment === "..");
}
