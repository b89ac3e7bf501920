import { S3Error } from "../errors.ts";
import { copyFile, type Received, receiveFile, receiveText } from "./body.ts";
import type { Bucket } from "./bucket.ts";
import { type Algorithm, isAlgorithm } from "./checksums.ts";
import { readFailure } from "./reading.ts";
import { header, type S3Request, type S3Response, versionHeader, xmlResponse } from "./request.ts";
import { type Condition, checkCondition, type StoredObject } from "./version.ts";
import { parseXml, type XmlElement, type XmlValue } from "./xml.ts";

const STORED_HEADERS =
  /^(?:content-type|cache-control|content-disposition|content-encoding|content-language|expires|x-amz-meta-.+)$/;
/** The headers of encryption with a key that S3 keeps: they are stored and returned, but files are not encrypted. */
const ENCRYPTION_HEADERS = /^x-amz-server-side-encryption(?:-aws-kms-key-id|-bucket-key-enabled)?$/;
/** The tags, encoded like a query. A read returns only their number. */
const TAGGING = "x-amz-tagging";
const MAX_METADATA_BYTES = 2048;
const MAX_DELETED_AT_ONCE = 1000;

export async function putObject(
  bucket: Bucket,
  request: S3Request,
  event = "ObjectCreated:Put",
): Promise<S3Response> {
  const condition = writeCondition(request);
  // If the condition fails already, refuse before the body is sent. The check that counts is that of `put`.
  checkCondition(condition, bucket.records.versions(request.key)[0]);
  const headers = storedHeaders(request);
  const body = bucket.layout.newBody();
  const received = await receiveFile(request, body.path);
  const draft = { ...describe(received), headers, body: body.name };
  const object = await bucket.put(request.key, draft, event, condition);
  return { status: 200, headers: { ...written(bucket, object), ...object.checksums } };
}

export async function copyObject(target: Bucket, request: S3Request, bucketNamed: (name: string) => Bucket) {
  const source = parseCopySource(header(request, "x-amz-copy-source") ?? "");
  const replace = header(request, "x-amz-metadata-directive") === "REPLACE";
  const toItself = source.bucket === request.bucket && source.key === request.key;
  if (toItself && !replace && source.versionId === undefined) {
    throw new S3Error(
      "InvalidRequest",
      "This copy request is illegal: it copies an object to itself unchanged.",
    );
  }
  const condition = writeCondition(request);
  checkCondition(condition, target.records.versions(request.key)[0]);

  const { object, file } = await openCopySource(request, bucketNamed);
  const body = target.layout.newBody();
  const received = await copyFile(file.createReadStream(), body.path, copiedAlgorithms(request, object));
  const headers = copiedHeaders(request, object);
  const draft = { ...describe(received), headers, body: body.name };
  const copy = await target.put(request.key, draft, "ObjectCreated:Copy", condition);
  return xmlResponse(
    "CopyObjectResult",
    { LastModified: copy.lastModified, ETag: `"${copy.etag}"`, ...checksumElements(copy) },
    { ...versionHeader(target.settings, copy), "x-amz-copy-source-version-id": source.versionId },
  );
}

export async function deleteObject(bucket: Bucket, request: S3Request): Promise<S3Response> {
  const condition = { ifMatch: header(request, "if-match") };
  const versionId = request.query.get("versionId") ?? undefined;
  const version =
    versionId === undefined
      ? await bucket.delete(request.key, condition)
      : await bucket.deleteVersion(request.key, versionId, condition);
  return {
    status: 204,
    headers: {
      "x-amz-version-id": versionId ?? version?.versionId,
      "x-amz-delete-marker": version?.deleteMarker ? "true" : undefined,
    },
  };
}

export async function deleteObjects(bucket: Bucket, request: S3Request): Promise<S3Response> {
  const document = parseXml(await receiveText(request), "Delete");
  const objects = document.children("Object");
  if (objects.length === 0 || objects.length > MAX_DELETED_AT_ONCE) throw new S3Error("MalformedXML");
  const quiet = document.text("Quiet") === "true";
  const deleted: XmlValue[] = [];
  const errors: XmlValue[] = [];
  for (const object of objects) {
    const Key = object.required("Key");
    const VersionId = object.text("VersionId");
    try {
      deleted.push({ Key, VersionId, ...(await deleteOne(bucket, object)) });
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      errors.push({ Key, VersionId, Code: error.code, Message: error.message });
    }
  }
  return xmlResponse("DeleteResult", { Deleted: quiet ? [] : deleted, Error: errors });
}

async function deleteOne(bucket: Bucket, object: XmlElement): Promise<Record<string, XmlValue>> {
  const key = object.required("Key");
  const condition = { ifMatch: object.text("ETag") };
  const versionId = object.text("VersionId");
  const version =
    versionId === undefined
      ? await bucket.delete(key, condition)
      : await bucket.deleteVersion(key, versionId, condition);
  return version?.deleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: version.versionId } : {};
}

/** Opens the source of a copy, if it meets the request's conditions. The caller closes the file. */
export async function openCopySource(request: S3Request, bucketNamed: (name: string) => Bucket) {
  const { bucket, key, versionId } = parseCopySource(header(request, "x-amz-copy-source") ?? "");
  const { object, file } = await bucketNamed(bucket).open(key, versionId);
  if (readFailure(object, (name) => header(request, `x-amz-copy-source-${name}`))) {
    await file.close();
    throw new S3Error("PreconditionFailed");
  }
  return { object, file, versionId };
}

/** A copy keeps its source's metadata and tags, unless the request replaces them. Encryption is not copied. */
function copiedHeaders(request: S3Request, { headers: kept }: StoredObject): Record<string, string> {
  const replaces = (directive: string) => header(request, directive) === "REPLACE";
  const given = storedHeaders(request);
  const choose = (name: string) => {
    if (ENCRYPTION_HEADERS.test(name)) return given[name];
    return (name === TAGGING ? replaces(`${TAGGING}-directive`) : replaces("x-amz-metadata-directive"))
      ? given[name]
      : kept[name];
  };
  const entries = Object.keys({ ...kept, ...given }).map((name) => [name, choose(name)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** GetObjectTagging: the tags that the object was put with. */
export function getObjectTagging(bucket: Bucket, request: S3Request): S3Response {
  const object = bucket.records.find(request.key, request.query.get("versionId") ?? undefined);
  const tags = [...new URLSearchParams(object.headers[TAGGING])];
  return xmlResponse(
    "Tagging",
    { TagSet: { Tag: tags.map(([Key, Value]) => ({ Key, Value })) } },
    versionHeader(bucket.settings, object),
  );
}

/** The headers that are stored with an object, and returned. */
export function storedHeaders(request: S3Request): Record<string, string> {
  const headers: Record<string, string> = { "content-type": "binary/octet-stream" };
  let metadataBytes = 0;
  for (const [name, value] of Object.entries(request.headers)) {
    if (
      value === undefined ||
      !(STORED_HEADERS.test(name) || ENCRYPTION_HEADERS.test(name) || name === TAGGING)
    )
      continue;
    const text = name === "content-encoding" ? withoutChunking(value.toString()) : value.toString();
    if (text !== "" || name !== "content-encoding") headers[name] = text;
    if (name.startsWith("x-amz-meta-")) metadataBytes += name.length - "x-amz-meta-".length + text.length;
  }
  if (metadataBytes > MAX_METADATA_BYTES) throw new S3Error("MetadataTooLarge");
  return headers;
}

export function writeCondition(request: S3Request): Condition {
  const ifNoneMatch = header(request, "if-none-match");
  if (ifNoneMatch !== undefined && ifNoneMatch !== "*") {
    throw new S3Error("NotImplemented", "A write's If-None-Match can only be *.");
  }
  return { ifMatch: header(request, "if-match"), ifNoneMatch };
}

/** The headers of the answer to a write. */
export function written(bucket: Bucket, object: StoredObject): Record<string, string | undefined> {
  const encryption = Object.entries(object.headers).filter(([name]) => ENCRYPTION_HEADERS.test(name));
  return {
    etag: `"${object.etag}"`,
    ...versionHeader(bucket.settings, object),
    ...Object.fromEntries(encryption),
  };
}

/** The checksums of an object as elements of S3's XML. */
export function checksumElements({ checksums }: StoredObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(checksums).map(([name, value]) => {
      const suffix = name.slice("x-amz-checksum-".length);
      return [`Checksum${suffix === "type" ? "Type" : suffix.toUpperCase()}`, value];
    }),
  );
}

function describe({ md5, size, checksums }: Received): Pick<StoredObject, "etag" | "size" | "checksums"> {
  const entries = [...checksums].map(([name, value]) => [`x-amz-checksum-${name}`, value]);
  if (entries.length > 0) entries.push(["x-amz-checksum-type", "FULL_OBJECT"]);
  return { etag: md5.toString("hex"), size, checksums: Object.fromEntries(entries) };
}

function parseCopySource(source: string): { bucket: string; key: string; versionId: string | undefined } {
  const [, path = "", versionId] = /^\/?(.*?)(?:\?versionId=(.+))?$/s.exec(source) ?? [];
  const [, bucket, key] = /^([^/]+)\/(.+)$/s.exec(decodeURIComponent(path)) ?? [];
  if (bucket !== undefined && key !== undefined) return { bucket, key, versionId };
  throw new S3Error(
    "InvalidArgument",
    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
  );
}

function copiedAlgorithms(request: S3Request, object: StoredObject): Algorithm[] {
  const asked = header(request, "x-amz-checksum-algorithm")?.toLowerCase();
  const names = asked
    ? [asked]
    : Object.keys(object.checksums).map((name) => name.slice("x-amz-checksum-".length));
  return names.filter(isAlgorithm);
}

function withoutChunking(encoding: string): string {
  return encoding
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "aws-chunked")
    .join(",");
}
