import { S3Error } from "../errors.ts";
import { compareKeys } from "./encoding.ts";
import { isObject, type StoredObject, type Version } from "./version.ts";

/** The objects of a bucket, in memory: each key's versions, newest first. */
export class Records {
  readonly #versions: Map<string, Version[]>;
  /** The keys in the order in which S3 lists them. */
  readonly #keys: string[];

  constructor(versions: Map<string, Version[]>) {
    this.#versions = versions;
    this.#keys = [...versions.keys()].sort(compareKeys);
  }

  get size(): number {
    return this.#keys.length;
  }

  versions(key: string): readonly Version[] {
    return this.#versions.get(key) ?? [];
  }

  /** The keys from this one on, in the order of their UTF-8 bytes. */
  keys(from = ""): readonly string[] {
    return this.#keys.slice(this.#position(from));
  }

  /** Finds the object for a read, or throws S3's error if there is none. */
  find(key: string, versionId?: string): StoredObject {
    const version =
      versionId === undefined
        ? this.versions(key)[0]
        : this.versions(key).find((candidate) => candidate.versionId === versionId);
    if (isObject(version)) return version;
    if (version === undefined) {
      throw new S3Error(versionId === undefined ? "NoSuchKey" : "NoSuchVersion", undefined, {
        details: { Key: key },
      });
    }
    const headers = { "x-amz-delete-marker": "true", "x-amz-version-id": version.versionId };
    if (versionId === undefined)
      throw new S3Error("NoSuchKey", undefined, { details: { Key: key }, headers });
    throw new S3Error("MethodNotAllowed", undefined, { headers: { ...headers, allow: "DELETE" } });
  }

  /** Replaces the versions of a key. Without versions, the key is removed. */
  set(key: string, versions: Version[]): void {
    const isNew = !this.#versions.has(key);
    if (versions.length > 0) this.#versions.set(key, versions);
    else this.#versions.delete(key);
    if (isNew && versions.length > 0) this.#keys.splice(this.#position(key), 0, key);
    if (!isNew && versions.length === 0) this.#keys.splice(this.#position(key), 1);
  }

  /** The index at which the key is or would be, by binary search, because a bucket may have a million keys. */
  #position(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.#keys[middle] ?? "", key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
