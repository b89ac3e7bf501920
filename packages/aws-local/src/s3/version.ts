import type { Stats } from "node:fs";
import { S3Error } from "../errors.ts";

/** An object: where its bytes are, and its metadata. */
export interface StoredObject {
  deleteMarker?: undefined;
  /** "null" if it was written while versioning was not enabled. */
  versionId: string;
  lastModified: string;
  etag: string;
  size: number;
  /** Returned as they were sent: content-type, cache-control, x-amz-meta-… */
  headers: Record<string, string>;
  /** Returned on request: x-amz-checksum-… */
  checksums: Record<string, string>;
  /** The name of its bytes in the hidden folder. */
  body: string;
  /** Whether the bytes are among the user's files instead, with the key as their path. */
  plain: boolean;
  /** The file's time: if it differs, the file was changed by hand. */
  mtimeMs: number;
}

export interface DeleteMarker {
  deleteMarker: true;
  versionId: string;
  lastModified: string;
}

export type Version = StoredObject | DeleteMarker;

/** A change of a key, with what its notification says. */
export interface Change {
  event: string;
  key: string;
  version: Version | undefined;
}

/** An object whose bytes have arrived, but that is not yet the key's newest version. */
export type Draft = Pick<StoredObject, "etag" | "size" | "headers" | "checksums" | "body">;

/** The preconditions of a write; their values are ETags or `*`. */
export interface Condition {
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
}

export function isObject(version: Version | undefined): version is StoredObject {
  return version !== undefined && !version.deleteMarker;
}

/** Whether the file has not been changed since the object was written. */
export function isSameFile(object: StoredObject, file: Stats): boolean {
  return object.size === file.size && object.mtimeMs === file.mtimeMs;
}

/** Whether an If-Match or If-None-Match header (`*`, or ETags with or without quotes) names this ETag. */
export function namesETag(header: string, etag: string): boolean {
  return header.split(",").some((item) => {
    const name = item.trim().replace(/^(?:W\/)?"(.*)"$/, "$1");
    return name === "*" || name === etag;
  });
}

/** Throws, as S3 does, if `current`, the newest version of the key, does not meet the condition. */
export function checkCondition({ ifMatch, ifNoneMatch }: Condition, current: Version | undefined): void {
  const object = isObject(current) ? current : undefined;
  if (ifNoneMatch !== undefined && object && namesETag(ifNoneMatch, object.etag)) {
    throw new S3Error("PreconditionFailed", undefined, { details: { Condition: "If-None-Match" } });
  }
  if (ifMatch === undefined) return;
  if (!object) throw new S3Error("NoSuchKey");
  if (!namesETag(ifMatch, object.etag)) {
    throw new S3Error("PreconditionFailed", undefined, { details: { Condition: "If-Match" } });
  }
}
