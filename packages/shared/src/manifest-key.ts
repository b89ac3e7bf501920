import { createHash } from "node:crypto";
import { bytesOf, hasDotSegment, MANIFEST_PREFIX, MAX_KEY_BYTES } from "./keys.ts";

/**
 * The key of a source's manifest. Every source has one, even if it is rejected for its key: a key that is too long, or has
 * a dot segment, is hashed. A hash has no slash, and a source's key always has one, so the two never collide.
 */
export function manifestKey(sourceKey: string): string {
  const key = `${MANIFEST_PREFIX}${sourceKey}.json`;
  if (bytesOf(key) <= MAX_KEY_BYTES && !hasDotSegment(key)) return key;
  return `${MANIFEST_PREFIX}${createHash("sha256").update(sourceKey).digest("hex")}.json`;
}

/** Compares keys in the order in which S3 lists them: by UTF-8 bytes. JavaScript's `<` differs from U+10000 on. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
