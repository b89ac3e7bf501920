import type { Expected, Store } from "../../src/sync/store.ts";
import type { MemoryBucket } from "./bucket.ts";
import type { Call } from "./call.ts";

/** Told of what takes effect. */
export interface Witness {
  read?: () => void;
  put?: (key: string, etag: string, body: Uint8Array, expected: Expected) => void;
}

/** A bucket as a store whose calls wait to be answered. */
export function waitingStore(
  bucket: MemoryBucket,
  wait: (call: Call) => void,
  { read, put }: Witness,
): Store {
  const call = <T>(isWrite: boolean, run: () => T) =>
    new Promise<T>((resolve, reject) => {
      wait({ isWrite, run, resolve: (value) => resolve(value as T), reject });
    });
  return {
    head: (key) => call(false, () => bucket.read(key)),
    get: (key, maxBytes) =>
      call(false, () => {
        read?.();
        const found = bucket.read(key);
        return found && found.bytes > maxBytes ? { ...found, body: undefined } : found;
      }),
    put: (key, body, expected) =>
      call(true, () => {
        const etag = bucket.putIf(key, body, expected);
        put?.(key, etag, body, expected);
        return etag;
      }),
    remove: (key, expected) => call(true, () => bucket.removeIf(key, expected)),
  };
}
