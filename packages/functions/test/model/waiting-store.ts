import { MANIFEST_PREFIX, ThumbsmithError } from "@thumbsmith/shared";
import type { Expected, Fetched, Store } from "../../src/sync/store.ts";
import type { MemoryBucket, StoredBytes } from "./bucket.ts";
import type { Call } from "./call.ts";

/** Called with what takes effect. */
export interface Witness {
  read?: (found: StoredBytes | undefined) => void;
  removed?: (key: string, before: StoredBytes) => void;
  /** Converts a manifest to that of the deployed release. */
  asWritten?: (body: Uint8Array) => Uint8Array;
  put?: (key: string, etag: string, body: Uint8Array, expected: Expected) => void;
}

const refusal = new ThumbsmithError("not-readable", "It is archived.") as NonNullable<Fetched["refusal"]>;

/** A bucket as a store whose calls wait until the history answers them. */
export function waitingStore(
  bucket: MemoryBucket,
  wait: (call: Call) => void,
  { read, put, removed, asWritten }: Witness,
): Store {
  const call = <T>(isWrite: boolean, run: () => T) =>
    new Promise<T>((resolve, reject) => {
      wait({ isWrite, run, resolve: (value) => resolve(value as T), reject });
    });
  return {
    head: (key) => call(false, () => bucket.read(key)),
    async get(key, maxBytes) {
      const found = await call(false, () => {
        const stored = bucket.read(key);
        read?.(stored);
        return stored;
      });
      if (!found) return undefined;
      if (!found.archived) return found.bytes > maxBytes ? { ...found, body: undefined } : found;
      const facts = await call(false, () => bucket.read(key));
      return facts && { ...facts, body: undefined, refusal };
    },
    put: (key, given, expected, { cacheControl }) =>
      call(true, () => {
        const body = asWritten && key.startsWith(MANIFEST_PREFIX) ? asWritten(given) : given;
        const etag = bucket.putIf(key, body, expected, cacheControl);
        put?.(key, etag, body, expected);
        return etag;
      }),
    remove: (key, expected) =>
      call(true, () => {
        const before = bucket.read(key);
        bucket.removeIf(key, expected);
        if (before) removed?.(key, before);
      }),
  };
}
