import { S3Error } from "../errors.ts";
import type { Bucket } from "./bucket.ts";
import { header, type S3Request, type S3Response, versionHeader } from "./request.ts";
import { namesETag, type StoredObject } from "./version.ts";

/** Bytes that are read at once: a stream takes as long again to set up. */
const AT_ONCE = 65_536;

interface Range {
  start: number;
  end: number;
}

export async function getObject(bucket: Bucket, request: S3Request): Promise<S3Response> {
  const { object, file } = await bucket.open(request.key, request.query.get("versionId") ?? undefined);
  try {
    const { range, ...response } = readResponse(bucket, request, object);
    if (range === undefined) {
      await file.close();
      return response;
    }
    const bytes = range.end - range.start + 1;
    if (bytes > AT_ONCE) return { ...response, body: file.createReadStream(range) };
    const { buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, range.start);
    await file.close();
    return { ...response, body: buffer };
  } catch (error) {
    await file.close();
    throw error;
  }
}

export function headObject(bucket: Bucket, request: S3Request): S3Response {
  const object = bucket.records.find(request.key, request.query.get("versionId") ?? undefined);
  const { range: _, ...response } = readResponse(bucket, request, object);
  return response;
}

function readResponse(
  bucket: Bucket,
  request: S3Request,
  object: StoredObject,
): S3Response & { range?: Range } {
  const { "x-amz-tagging": tags, ...kept } = object.headers;
  const headers = {
    ...kept,
    "x-amz-tagging-count": tags && new URLSearchParams(tags).size,
    ...versionHeader(bucket.settings, object),
    etag: `"${object.etag}"`,
    "last-modified": new Date(object.lastModified).toUTCString(),
    "accept-ranges": "bytes",
  };
  const failure = readFailure(object, (name) => header(request, name));
  if (failure === 412) throw new S3Error("PreconditionFailed");
  if (failure === 304) return { status: 304, headers };

  const range = parseRange(header(request, "range"), object.size);
  const wantsChecksums = header(request, "x-amz-checksum-mode")?.toUpperCase() === "ENABLED" && !range;
  const { start, end } = range ?? { start: 0, end: object.size - 1 };
  return {
    status: range ? 206 : 200,
    range: { start, end },
    headers: {
      ...headers,
      ...(wantsChecksums ? object.checksums : {}),
      ...overrides(request),
      "content-length": end - start + 1,
      "content-range": range && `bytes ${start}-${end}/${object.size}`,
    },
  };
}

/** The status if a precondition of a read fails: 412, or 304 if the client already has the object. */
export function readFailure(
  { etag, lastModified }: StoredObject,
  condition: (name: string) => string | undefined,
): 304 | 412 | undefined {
  const changedAfter = (date: string | undefined) => Date.parse(lastModified) > Date.parse(date ?? "");
  const [ifMatch, ifNoneMatch] = [condition("if-match"), condition("if-none-match")];
  if (ifMatch !== undefined && !namesETag(ifMatch, etag)) return 412;
  if (ifMatch === undefined && changedAfter(condition("if-unmodified-since"))) return 412;
  if (ifNoneMatch !== undefined) return namesETag(ifNoneMatch, etag) ? 304 : undefined;
  const since = condition("if-modified-since");
  return since !== undefined && Date.parse(lastModified) <= Date.parse(since) ? 304 : undefined;
}

/** Parses a single range. Undefined means the whole object: S3 ignores an invalid range. */
function parseRange(range: string | undefined, size: number): Range | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (start <= end) return { start, end };
  throw new S3Error("InvalidRange", undefined, {
    details: { RangeRequested: range ?? "", ActualObjectSize: String(size) },
    headers: { "content-range": `bytes */${size}` },
  });
}

function overrides({ query }: S3Request): Record<string, string> {
  const given = [...query].filter(([name]) => name.startsWith("response-"));
  return Object.fromEntries(given.map(([name, value]) => [name.slice("response-".length), value]));
}
