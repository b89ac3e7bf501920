import { createHash } from "node:crypto";
import { bytesOf, climbs, MANIFEST_PREFIX, MAX_KEY_BYTES } from "./keys.ts";

/**
 * Where the record of a source lies. Every key has one: a key that cannot be part of another is hashed, and since
 * a rule's prefix ends in a slash, no other source's manifest lies there.
 */
export function manifestKey(sourceKey: string): string {
  const key = `${MANIFEST_PREFIX}${sourceKey}.json`;
  if (bytesOf(key) <= MAX_KEY_BYTES && !climbs(key)) return key;
  return `${MANIFEST_PREFIX}${createHash("sha256").update(sourceKey).digest("hex")}.json`;
}

/** S3 lists keys in the order of their UTF-8 bytes. JavaScript's own order differs beyond the basic plane. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
