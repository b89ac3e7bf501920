import { Conflict } from "../../src/sync/s3-errors.ts";
import type { Expected, Stored } from "../../src/sync/store.ts";

interface Version extends Stored {
  /** Undefined for a delete marker. */
  body?: Uint8Array;
  /** Whether it cannot be read until it is thawed. */
  archived?: boolean;
  cacheControl?: string;
}

export type StoredBytes = Version & { body: Uint8Array };

/**
 * The ETags of a bucket. With SSE-KMS, as deployed, every write has a unique ETag. Without, it is a digest, so that equal
 * bytes have equal ETags.
 */
export type Etags = "unique" | "digest";

/** A versioned S3 bucket in memory, as strongly consistent as S3. */
export class MemoryBucket {
  readonly #versions = new Map<string, Version[]>();
  /** All objects that were ever put, by version, also those that were purged. */
  readonly #everPut = new Map<string, StoredBytes>();
  readonly #etags: Etags;
  #written = 0;

  constructor(etags: Etags) {
    this.#etags = etags;
  }

  /** Successful writes, deletes included. */
  get written() {
    return this.#written;
  }

  keys(): string[] {
    return [...this.#versions.keys()].filter((key) => this.read(key));
  }

  read(key: string): StoredBytes | undefined {
    const latest = this.#of(key).at(-1);
    return latest?.body && { ...latest, body: latest.body };
  }

  everPut(versionId = ""): StoredBytes | undefined {
    return this.#everPut.get(versionId);
  }

  put(key: string, body: Uint8Array, cacheControl?: string): Stored {
    const versionId = `v${++this.#written}`;
    const etag = this.#etags === "digest" ? `"${Buffer.from(body).toString("base64")}"` : `"${versionId}"`;
    const version = { body, etag, versionId, bytes: body.length, cacheControl };
    this.#of(key).push(version);
    this.#everPut.set(versionId, version);
    return { etag, versionId, bytes: body.length };
  }

  /** Adds a delete marker. */
  remove(key: string): void {
    this.#of(key).push({ etag: "", versionId: `v${++this.#written}`, bytes: 0 });
  }

  /** Deletes the latest version permanently. If it is a delete marker, that brings back the version before it. */
  purge(key: string): void {
    this.#written++;
    this.#of(key).pop();
  }

  /** Archives the latest version, or restores it. It stays the same version. */
  archive(key: string, archived: boolean): void {
    const versions = this.#of(key);
    const latest = versions.pop();
    if (latest) versions.push(latest.body ? { ...latest, archived } : latest);
  }

  /** Copies an older version over the latest. */
  restore(key: string, nth: number): void {
    const pictures = this.#of(key).flatMap(({ body }) => body ?? []);
    const body = pictures[nth % pictures.length];
    if (body) this.put(key, body);
  }

  putIf(key: string, body: Uint8Array, expected: Expected, cacheControl?: string): string {
    this.#check(key, expected);
    return this.put(key, body, cacheControl).etag;
  }

  removeIf(key: string, expected: Expected): void {
    if (!this.read(key)) return;
    this.#check(key, expected);
    this.remove(key);
  }

  #of(key: string): Version[] {
    const versions = this.#versions.get(key) ?? [];
    this.#versions.set(key, versions);
    return versions;
  }

  #check(key: string, expected: Expected): void {
    const found = this.read(key);
    const met = expected === "absent" ? !found : found?.etag === expected.etag;
    if (!met) throw new Conflict(`${key} is not as expected`);
  }
}
