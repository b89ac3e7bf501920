import { ThumbsmithError } from "./errors.ts";
import { formatOfName, outputFormats, sourceFormats } from "./formats.ts";
import { capitalised, hasAcceptedSuffix } from "./names.ts";
import type { Rule, Variant } from "./schema.ts";

/** The prefix of manifests in the thumbnails bucket. No variant may write here. */
export const MANIFEST_PREFIX = "manifests/";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const MAX_KEY_BYTES = 1024;

/** The fields that decide the keys of outputs. */
type NamingRule = Pick<Rule, "prefix" | "formats">;
type NamingVariant = Pick<Variant, "prefix" | "format">;

/**
 * The key of a source's output: the variant's prefix, then the source's path after the rule's prefix, then an extension
 * if the name's suffix stands for another format. A name that ends in none of the rule's suffixes is kept as it is.
 * A later release never changes the key of a name that was accepted before.
 * @throws ThumbsmithError `invalid-key` or `key-too-long`
 * @example outputKey(rule, variant, "uploads/cats/tom.gif") // "thumbnails/cats/tom.gif.png"
 */
export function outputKey(rule: NamingRule, variant: NamingVariant, sourceKey: string): string {
  const path = sourceKey.slice(rule.prefix.length);
  return checkKey(variant.prefix + path + addedExtension(rule, variant, path));
}

/** The keys under a prefix, as an IAM policy names them: `$`, `*` and `?` are special there, and have to be escaped. */
export function keysUnder(prefix: string): string {
  return `${prefix.replace(/[$*?]/g, (special) => `\${${special}}`)}*`;
}

/**
 * Keeps two sources from sharing an output. `a.gif` becomes `a.gif.png`, so the source `a.gif.png` has to become
 * `a.gif.png.png`: a name that is another source's output gets the extension too.
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
  // A name that only `names: "any"` accepts gets the extension only if its key is that of another source's output.
  if (!isNamed) return addedExtension(rule, variant, shorter) === extension ? extension : "";
  const mayTakeIt = hasAcceptedSuffix(rule, shorter) && isLater(shorter) === isLater(path);
  return mayTakeIt ? addedExtension(rule, variant, shorter) : "";
}

/**
 * Whether the name is accepted only since version 0.2. Its extension is capitalised: `a.jfif` becomes `a.jfif.Webp`.
 * In version 0.1, `a.jfif.webp` was the key of the output of the source `a.jfif.webp`, and has to stay so.
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
  if (hasDotSegment(key)) {
    throw new ThumbsmithError("invalid-key", `Expected no "." or ".." segment in the object key ${key}.`);
  }
  return key;
}

/** Bytes of a key in UTF-8, which S3's limit counts. */
export function bytesOf(key: string): number {
  return new TextEncoder().encode(key).length;
}

/** S3 allows keys with these segments, but a tool that copies the bucket to a disk would write outside the prefix. */
export function hasDotSegment(key: string): boolean {
  return key.split("/").some((segment) => segment === "." || segment === "..");
}
