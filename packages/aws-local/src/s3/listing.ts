import { S3Error } from "../errors.ts";
import type { Bucket } from "./bucket.ts";
import { compareKeys, formEncode } from "./encoding.ts";
import { type S3Request, type S3Response, xmlResponse } from "./request.ts";
import { isObject, type StoredObject, type Version } from "./version.ts";

const MAX_KEYS = 1000;

interface Query {
  prefix: string;
  delimiter: string;
  maxKeys: number;
  /** Encodes a name as the client asked: form-encoded, or not at all. */
  encode: (name: string) => string;
  encoding: string | undefined;
}

interface Entry<T> {
  key: string;
  item: T;
}

interface Page<T> {
  entries: Entry<T>[];
  commonPrefixes: string[];
  /** The last entry or common prefix of the page, if more follow. */
  last: { key: string; entry: Entry<T> | undefined } | undefined;
}

/** `GET /bucket`: ListObjectsV2 if the client asks for it, otherwise ListObjects, which s3cmd and others use. */
export function listObjects(bucket: Bucket, request: S3Request): S3Response {
  return request.query.get("list-type") === "2"
    ? listObjectsV2(bucket, request)
    : listObjectsV1(bucket, request);
}

function listObjectsV1(bucket: Bucket, { query: parameters }: S3Request): S3Response {
  const query = parseQuery(parameters);
  const marker = parameters.get("marker") ?? "";
  const page = paginate(currentObjects(bucket, query, marker), query, (key) => isListed(key, marker, query));
  return xmlResponse("ListBucketResult", {
    Name: bucket.name,
    Prefix: query.encode(query.prefix),
    Marker: query.encode(marker),
    Delimiter: query.delimiter ? query.encode(query.delimiter) : undefined,
    EncodingType: query.encoding,
    MaxKeys: query.maxKeys,
    IsTruncated: page.last !== undefined,
    // S3 has no NextMarker without a delimiter: the last key of the page is the marker.
    NextMarker: query.delimiter && page.last ? query.encode(page.last.key) : undefined,
    Contents: page.entries.map(({ key, item }) => describe(query.encode(key), item)),
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: query.encode(prefix) })),
  });
}

function listObjectsV2(bucket: Bucket, { query: parameters }: S3Request): S3Response {
  const query = parseQuery(parameters);
  const token = parameters.get("continuation-token") ?? undefined;
  const startAfter = parameters.get("start-after") ?? undefined;
  const marker = token === undefined ? undefined : decodeToken(token);
  const page = paginate(currentObjects(bucket, query, marker ?? startAfter), query, (key) => {
    if (marker !== undefined) return isListed(key, marker, query);
    return startAfter !== undefined && compareKeys(key, startAfter) <= 0;
  });
  return xmlResponse("ListBucketResult", {
    Name: bucket.name,
    Prefix: query.encode(query.prefix),
    Delimiter: query.delimiter ? query.encode(query.delimiter) : undefined,
    StartAfter: startAfter === undefined ? undefined : query.encode(startAfter),
    ContinuationToken: token,
    EncodingType: query.encoding,
    KeyCount: page.entries.length + page.commonPrefixes.length,
    MaxKeys: query.maxKeys,
    IsTruncated: page.last !== undefined,
    NextContinuationToken: page.last && Buffer.from(page.last.key).toString("base64url"),
    Contents: page.entries.map(({ key, item }) => describe(query.encode(key), item)),
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: query.encode(prefix) })),
  });
}

export function listObjectVersions(bucket: Bucket, { query: parameters }: S3Request): S3Response {
  const query = parseQuery(parameters);
  const keyMarker = parameters.get("key-marker") ?? "";
  const versionMarker = parameters.get("version-id-marker") ?? "";
  if (versionMarker && !keyMarker) {
    throw new S3Error("InvalidArgument", "A version-id marker cannot be specified without a key marker.");
  }
  const page = paginate(allVersions(bucket, query, keyMarker), query, (key, version) => {
    if (keyMarker === "") return false;
    if (key !== keyMarker || versionMarker === "") return isListed(key, keyMarker, query);
    const versions = bucket.records.versions(key).map(({ versionId }) => versionId);
    return versions.indexOf(version.versionId) <= versions.indexOf(versionMarker);
  });
  const describeVersion = ({ key, item }: Entry<Version>) => ({
    ...(isObject(item)
      ? describe(query.encode(key), item)
      : { Key: query.encode(key), LastModified: item.lastModified }),
    VersionId: item.versionId,
    IsLatest: bucket.records.versions(key)[0] === item,
  });
  return xmlResponse("ListVersionsResult", {
    Name: bucket.name,
    Prefix: query.encode(query.prefix),
    Delimiter: query.delimiter ? query.encode(query.delimiter) : undefined,
    KeyMarker: query.encode(keyMarker),
    VersionIdMarker: versionMarker,
    EncodingType: query.encoding,
    MaxKeys: query.maxKeys,
    IsTruncated: page.last !== undefined,
    NextKeyMarker: page.last && query.encode(page.last.key),
    NextVersionIdMarker: page.last?.entry?.item.versionId,
    Version: page.entries.filter(({ item }) => isObject(item)).map(describeVersion),
    DeleteMarker: page.entries.filter(({ item }) => !isObject(item)).map(describeVersion),
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: query.encode(prefix) })),
  });
}

function* currentObjects(bucket: Bucket, query: Query, marker?: string): Generator<Entry<StoredObject>> {
  for (const key of keysFrom(bucket, query, marker)) {
    const newest = bucket.records.versions(key)[0];
    if (isObject(newest)) yield { key, item: newest };
  }
}

function* allVersions(bucket: Bucket, query: Query, marker: string): Generator<Entry<Version>> {
  for (const key of keysFrom(bucket, query, marker))
    for (const item of bucket.records.versions(key)) yield { key, item };
}

/** The keys under the prefix, from the marker on. */
function* keysFrom(bucket: Bucket, { prefix }: Query, marker = ""): Generator<string> {
  for (const key of bucket.records.keys(compareKeys(marker, prefix) > 0 ? marker : prefix)) {
    if (!key.startsWith(prefix)) return;
    yield key;
  }
}

function paginate<T>(
  source: Iterable<Entry<T>>,
  { prefix, delimiter, maxKeys }: Query,
  isBefore: (key: string, item: T) => boolean,
): Page<T> {
  const page: Page<T> = { entries: [], commonPrefixes: [], last: undefined };
  let last: Page<T>["last"];
  for (const entry of source) {
    if (isBefore(entry.key, entry.item)) continue;
    const end = delimiter ? entry.key.indexOf(delimiter, prefix.length) : -1;
    const commonPrefix = end < 0 ? undefined : entry.key.slice(0, end + delimiter.length);
    if (commonPrefix !== undefined && commonPrefix === page.commonPrefixes.at(-1)) continue;
    if (page.entries.length + page.commonPrefixes.length === maxKeys) return { ...page, last };
    if (commonPrefix === undefined) page.entries.push(entry);
    else page.commonPrefixes.push(commonPrefix);
    last = commonPrefix === undefined ? { key: entry.key, entry } : { key: commonPrefix, entry: undefined };
  }
  return page;
}

/** Whether this key was listed on or before the page that ended with `marker`, a key or a common prefix. */
function isListed(key: string, marker: string, { prefix, delimiter }: Query): boolean {
  const isCommonPrefix = delimiter !== "" && marker.indexOf(delimiter, prefix.length) >= 0;
  return compareKeys(key, marker) <= 0 || (isCommonPrefix && key.startsWith(marker));
}

function parseQuery(parameters: URLSearchParams): Query {
  const maxKeys = parameters.get("max-keys") || String(MAX_KEYS);
  if (!/^\d{1,9}$/.test(maxKeys))
    throw new S3Error("InvalidArgument", "Provided max-keys not an integer or negative");
  const encoding = parameters.get("encoding-type") ?? undefined;
  if (encoding !== undefined && encoding !== "url") {
    throw new S3Error("InvalidArgument", "Invalid Encoding Method specified in Request");
  }
  return {
    prefix: parameters.get("prefix") ?? "",
    delimiter: parameters.get("delimiter") ?? "",
    maxKeys: Math.min(Number(maxKeys), MAX_KEYS),
    encode: encoding ? formEncode : (name) => name,
    encoding,
  };
}

function describe(Key: string, { lastModified, etag, size }: StoredObject) {
  return { Key, LastModified: lastModified, ETag: `"${etag}"`, Size: size, StorageClass: "STANDARD" };
}

function decodeToken(token: string): string {
  const key = Buffer.from(token, "base64url").toString();
  if (key !== "" && Buffer.from(key).toString("base64url") === token) return key;
  throw new S3Error("InvalidArgument", "The continuation token provided is incorrect");
}
