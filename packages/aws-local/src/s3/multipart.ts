import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { S3Error } from "../errors.ts";
import { copyFile, type Received, receiveFile, receiveText } from "./body.ts";
import type { Bucket } from "./bucket.ts";
import { type Algorithm, checksum, isAlgorithm } from "./checksums.ts";
import { compareKeys } from "./encoding.ts";
import { absent, writeAtomically } from "./layout.ts";
import { checksumElements, openCopySource, storedHeaders, writeCondition, written } from "./objects.ts";
import { header, type S3Request, type S3Response, xmlResponse } from "./request.ts";
import { checkCondition, type StoredObject } from "./version.ts";
import { parseXml, type XmlElement } from "./xml.ts";

const MIN_PART_BYTES = 5 * 1024 ** 2;
const MAX_PARTS = 10_000;
/** The most parts or uploads on one page of a listing. */
const MAX_LISTED = 1000;

interface Upload {
  key: string;
  headers: Record<string, string>;
  algorithm?: Algorithm | undefined;
  checksumType?: "COMPOSITE" | "FULL_OBJECT" | undefined;
}

interface Part {
  file: string;
  md5: string;
  size: number;
  checksums: [Algorithm, string][];
}

export async function createMultipartUpload(bucket: Bucket, request: S3Request): Promise<S3Response> {
  const algorithm = header(request, "x-amz-checksum-algorithm")?.toLowerCase();
  if (algorithm !== undefined && !isAlgorithm(algorithm)) {
    throw new S3Error("NotImplemented", `This local server does not implement the checksum ${algorithm}.`);
  }
  const checksumType = algorithm && parseChecksumType(algorithm, header(request, "x-amz-checksum-type"));
  const upload: Upload = { key: request.key, headers: storedHeaders(request), algorithm, checksumType };
  const uploadId = randomUUID();
  await mkdir(folderOf(bucket, uploadId));
  await writeAtomically(join(folderOf(bucket, uploadId), "upload.json"), JSON.stringify(upload));
  return xmlResponse(
    "InitiateMultipartUploadResult",
    { Bucket: bucket.name, Key: request.key, UploadId: uploadId },
    { "x-amz-checksum-algorithm": algorithm?.toUpperCase(), "x-amz-checksum-type": checksumType },
  );
}

export async function uploadPart(bucket: Bucket, request: S3Request): Promise<S3Response> {
  const { upload, folder } = await findUpload(bucket, request);
  const number = partNumber(request);
  const file = randomUUID();
  const received = await receiveFile(request, join(folder, file), upload.algorithm ? [upload.algorithm] : []);
  const part = await keepPart(folder, number, file, received);
  const checksums = part.checksums.map(([name, value]) => [`x-amz-checksum-${name}`, value]);
  return { status: 200, headers: { etag: `"${part.md5}"`, ...Object.fromEntries(checksums) } };
}

/** UploadPartCopy: a part that is copied from an object, or from a range of it. */
export async function uploadPartCopy(
  bucket: Bucket,
  request: S3Request,
  bucketNamed: (name: string) => Bucket,
): Promise<S3Response> {
  const { upload, folder } = await findUpload(bucket, request);
  const number = partNumber(request);
  const { object, file: source, versionId } = await openCopySource(request, bucketNamed);
  const file = randomUUID();
  try {
    const range = copiedRange(header(request, "x-amz-copy-source-range"), object.size);
    const bytes = source.createReadStream({ ...range, autoClose: false });
    const copied = await copyFile(bytes, join(folder, file), upload.algorithm ? [upload.algorithm] : []);
    const part = await keepPart(folder, number, file, copied);
    const checksums = part.checksums.map(([name, value]) => [`Checksum${name.toUpperCase()}`, value]);
    return xmlResponse(
      "CopyPartResult",
      { LastModified: new Date().toISOString(), ETag: `"${part.md5}"`, ...Object.fromEntries(checksums) },
      { "x-amz-copy-source-version-id": versionId },
    );
  } finally {
    await source.close();
  }
}

export async function listParts(bucket: Bucket, request: S3Request): Promise<S3Response> {
  const { folder } = await findUpload(bucket, request);
  const after = Number(request.query.get("part-number-marker") ?? 0);
  const most = Math.min(Number(request.query.get("max-parts") || MAX_LISTED), MAX_LISTED);
  const numbers = (await readdir(folder))
    .flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .filter((number) => number > after)
    .sort((a, b) => a - b);
  const page = numbers.slice(0, most);
  const parts = page.map(async (number) => {
    const path = join(folder, `${number}.json`);
    const [{ md5, size, checksums }, { mtime }] = await Promise.all([readPart(path), stat(path)]);
    const elements = checksums.map(([name, value]) => [`Checksum${name.toUpperCase()}`, value]);
    const facts = { PartNumber: number, LastModified: mtime.toISOString(), ETag: `"${md5}"`, Size: size };
    return { ...facts, ...Object.fromEntries(elements) };
  });
  return xmlResponse("ListPartsResult", {
    Bucket: bucket.name,
    Key: request.key,
    UploadId: request.query.get("uploadId") ?? "",
    PartNumberMarker: after,
    NextPartNumberMarker: page.at(-1) ?? 0,
    MaxParts: most,
    IsTruncated: numbers.length > page.length,
    StorageClass: "STANDARD",
    Part: await Promise.all(parts),
  });
}

/** ListMultipartUploads: uploads that were neither completed nor aborted. */
export async function listMultipartUploads(bucket: Bucket, request: S3Request): Promise<S3Response> {
  const prefix = request.query.get("prefix") ?? "";
  const ids = (await readdir(join(bucket.layout.hidden, "uploads")).catch(absent)) ?? [];
  const uploads = ids.map(async (id) => {
    const path = join(folderOf(bucket, id), "upload.json");
    const [content, facts] = await Promise.all([
      readFile(path, "utf8").catch(absent),
      stat(path).catch(absent),
    ]);
    if (content === undefined || facts === undefined) return [];
    const { key }: Upload = JSON.parse(content);
    const Initiated = facts.mtime.toISOString();
    return key.startsWith(prefix) ? [{ Key: key, UploadId: id, StorageClass: "STANDARD", Initiated }] : [];
  });
  const found = (await Promise.all(uploads)).flat();
  return xmlResponse("ListMultipartUploadsResult", {
    Bucket: bucket.name,
    Prefix: prefix,
    MaxUploads: MAX_LISTED,
    IsTruncated: false,
    Upload: found.sort((a, b) => compareKeys(a.Key, b.Key)),
  });
}

export async function completeMultipartUpload(bucket: Bucket, request: S3Request): Promise<S3Response> {
  const { upload, folder } = await findUpload(bucket, request);
  const condition = writeCondition(request);
  checkCondition(condition, bucket.records.versions(upload.key)[0]);
  // The checksums of this request are the whole object's, not those of its XML.
  const headers = Object.entries(request.headers).filter(([name]) => !name.startsWith("x-amz-checksum-"));
  const document = await receiveText({ ...request, headers: Object.fromEntries(headers) });
  const listed = parseXml(document, "CompleteMultipartUpload").children("Part");
  const parts = await checkParts(folder, listed);

  const body = bucket.layout.newBody();
  const whole = await copyFile(read(folder, parts), body.path, upload.algorithm ? [upload.algorithm] : []);
  const checksums = await checksumsOf(upload, parts, whole.checksums);
  const expected = upload.algorithm && header(request, `x-amz-checksum-${upload.algorithm}`);
  if (expected !== undefined && expected !== checksums[`x-amz-checksum-${upload.algorithm}`]) {
    await rm(body.path);
    throw new S3Error("BadDigest");
  }
  const md5s = createHash("md5").update(Buffer.concat(parts.map(({ md5 }) => Buffer.from(md5, "hex"))));
  const etag = `${md5s.digest("hex")}-${parts.length}`;
  const draft = { etag, size: whole.size, headers: upload.headers, checksums, body: body.name };
  const object = await bucket.put(upload.key, draft, "ObjectCreated:CompleteMultipartUpload", condition);
  await rm(folder, { recursive: true, force: true });
  return completed(bucket, request, object);
}

export async function abortMultipartUpload(bucket: Bucket, request: S3Request): Promise<S3Response> {
  const { folder } = await findUpload(bucket, request);
  await rm(folder, { recursive: true, force: true });
  return { status: 204 };
}

function completed(bucket: Bucket, request: S3Request, object: StoredObject): S3Response {
  const { etag: ETag, ...headers } = written(bucket, object);
  const Location = `http://${request.headers.host}/${bucket.name}/${encodeURIComponent(request.key)}`;
  const content = { Location, Bucket: bucket.name, Key: request.key, ETag, ...checksumElements(object) };
  return xmlResponse("CompleteMultipartUploadResult", content, headers);
}

function partNumber({ query }: S3Request): number {
  const number = query.get("partNumber") ?? "";
  if (/^\d{1,5}$/.test(number) && Number(number) >= 1 && Number(number) <= MAX_PARTS) return Number(number);
  throw new S3Error(
    "InvalidArgument",
    `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`,
  );
}

async function keepPart(folder: string, number: number, file: string, received: Received): Promise<Part> {
  const { md5, size, checksums } = received;
  const part = { file, md5: md5.toString("hex"), size, checksums: [...checksums] };
  await writeAtomically(join(folder, `${number}.json`), JSON.stringify(part));
  return part;
}

async function readPart(path: string): Promise<Part> {
  return JSON.parse(await readFile(path, "utf8"));
}

/** Unlike the range of a read, it must have both ends, and be inside the object. */
function copiedRange(range: string | undefined, size: number): { start?: number; end?: number } {
  if (range === undefined) return {};
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  const [start, end] = [Number(first), Number(last)];
  if (first !== undefined && start <= end && end < size) return { start, end };
  throw new S3Error("InvalidArgument", `Range specified is not valid for source object of size: ${size}`);
}

function folderOf(bucket: Bucket, uploadId: string): string {
  return join(bucket.layout.hidden, "uploads", uploadId);
}

async function findUpload(bucket: Bucket, request: S3Request): Promise<{ upload: Upload; folder: string }> {
  const uploadId = request.query.get("uploadId") ?? "";
  if (!/^[\w-]+$/.test(uploadId)) throw new S3Error("NoSuchUpload");
  const folder = folderOf(bucket, uploadId);
  const content = await readFile(join(folder, "upload.json"), "utf8").catch(absent);
  const upload: Upload | undefined = content === undefined ? undefined : JSON.parse(content);
  if (upload?.key !== request.key) throw new S3Error("NoSuchUpload");
  return { upload, folder };
}

async function checkParts(folder: string, listed: XmlElement[]): Promise<Part[]> {
  if (listed.length === 0) throw new S3Error("MalformedXML");
  const numbers = listed.map((part) => Number(part.required("PartNumber")));
  if (numbers.some((number, index) => index > 0 && number <= (numbers[index - 1] ?? 0))) {
    throw new S3Error("InvalidPartOrder");
  }
  const uploaded = new Set(await readdir(folder));
  const parts: Part[] = [];
  for (const [index, element] of listed.entries()) {
    const name = `${numbers[index]}.json`;
    if (!uploaded.has(name)) throw new S3Error("InvalidPart");
    const part = await readPart(join(folder, name));
    checkPart(part, element, index === listed.length - 1);
    parts.push(part);
  }
  return parts;
}

function checkPart(part: Part, element: XmlElement, isLast: boolean): void {
  if (element.required("ETag").replaceAll('"', "") !== part.md5) throw new S3Error("InvalidPart");
  for (const [algorithm, value] of part.checksums) {
    const expected = element.text(`Checksum${algorithm.toUpperCase()}`);
    if (expected !== undefined && expected !== value) throw new S3Error("InvalidPart");
  }
  if (!isLast && part.size < MIN_PART_BYTES) throw new S3Error("EntityTooSmall");
}

async function* read(folder: string, parts: Part[]): AsyncGenerator<Buffer> {
  for (const { file } of parts) yield* createReadStream(join(folder, file));
}

async function checksumsOf(
  { algorithm, checksumType }: Upload,
  parts: Part[],
  whole: Map<Algorithm, string>,
): Promise<Record<string, string>> {
  if (algorithm === undefined || checksumType === undefined) return {};
  const ofParts = parts.flatMap(({ checksums }) => checksums.filter(([name]) => name === algorithm));
  const bytes = Buffer.concat(ofParts.map(([, value]) => Buffer.from(value, "base64")));
  const composite = `${await checksum(algorithm, bytes)}-${parts.length}`;
  const value = checksumType === "FULL_OBJECT" ? whole.get(algorithm) : composite;
  return { [`x-amz-checksum-${algorithm}`]: value ?? composite, "x-amz-checksum-type": checksumType };
}

function parseChecksumType(algorithm: Algorithm, asked: string | undefined): "COMPOSITE" | "FULL_OBJECT" {
  const type = asked ?? (algorithm === "crc64nvme" ? "FULL_OBJECT" : "COMPOSITE");
  const possible = algorithm.startsWith("sha")
    ? ["COMPOSITE"]
    : ["FULL_OBJECT", ...(algorithm === "crc64nvme" ? [] : ["COMPOSITE"])];
  if ((type === "COMPOSITE" || type === "FULL_OBJECT") && possible.includes(type)) return type;
  throw new S3Error(
    "InvalidRequest",
    `The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
  );
}
