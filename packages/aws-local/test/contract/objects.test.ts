import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";
import { send, sign } from "./raw.ts";

const endpoint = await connect();
const { s3 } = endpoint;
afterAll(() => endpoint.close());

const put = async (Bucket: string, Key: string, Body: string | Uint8Array = "body") =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const get = async (Bucket: string, Key: string, options = {}) => {
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key, ...options }));
  return { ...answer, text: await answer.Body?.transformToString() };
};

behaves("an object comes back with its bytes, ETag, size and the headers it was given", async () => {
  const Bucket = await endpoint.createBucket();
  const headers = {
    ContentType: "image/jpeg",
    CacheControl: "max-age=60",
    ContentDisposition: 'attachment; filename="a.jpg"',
    ContentEncoding: "identity",
    ContentLanguage: "de",
    Metadata: { camera: "A  B" },
  };
  const written = await s3.send(new PutObjectCommand({ Bucket, Key: "a.jpg", Body: "hello", ...headers }));
  expect(written.ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
  expect(written.VersionId).toBeUndefined();
  const expected = { ...headers, ETag: written.ETag, ContentLength: 5, AcceptRanges: "bytes" };
  expect(await get(Bucket, "a.jpg")).toMatchObject({ ...expected, text: "hello" });
  expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "a.jpg" }))).toMatchObject(expected);
});

behaves("an object without a Content-Type is binary/octet-stream", async () => {
  const Bucket = await endpoint.createBucket();
  const path = `/${Bucket}/untyped`;
  await send(
    endpoint,
    await sign(endpoint, { method: "PUT", path, body: "x", headers: { "content-length": "1" } }),
  );
  const { ContentType } = await s3.send(new HeadObjectCommand({ Bucket, Key: "untyped" }));
  expect(ContentType).toBe("binary/octet-stream");
});

behaves("a write replaces the object with all of its headers", async () => {
  const Bucket = await endpoint.createBucket();
  await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "one", Metadata: { old: "1" } }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "two", ContentType: "text/plain" }));
  const { text, Metadata, ContentType } = await get(Bucket, "a");
  expect({ text, Metadata, ContentType }).toEqual({ text: "two", Metadata: {}, ContentType: "text/plain" });
});

behaves.each([
  { title: "a missing key", key: "none", options: {}, expected: [404, "NoSuchKey"] },
  {
    title: "a missing version",
    key: "a",
    options: { VersionId: "x".repeat(32) },
    expected: [404, "NoSuchVersion"],
  },
])("a GET of $title is refused", async ({ key, options, expected }) => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "a");
  expect(await refusal(get(Bucket, key, options))).toEqual(expected);
});

behaves("a HEAD of a missing key has a status and no body", async () => {
  const Bucket = await endpoint.createBucket();
  const answer = await send(endpoint, await sign(endpoint, { method: "HEAD", path: `/${Bucket}/none` }));
  expect({ status: answer.status, body: answer.body }).toEqual({ status: 404, body: "" });
});

behaves.each([
  { title: "the first bytes", range: "bytes=0-2", text: "012", contentRange: "bytes 0-2/10" },
  { title: "bytes in the middle", range: "bytes=4-5", text: "45", contentRange: "bytes 4-5/10" },
  { title: "bytes to the end", range: "bytes=7-", text: "789", contentRange: "bytes 7-9/10" },
  { title: "the last bytes", range: "bytes=-2", text: "89", contentRange: "bytes 8-9/10" },
  { title: "more than there is", range: "bytes=8-99", text: "89", contentRange: "bytes 8-9/10" },
  {
    title: "more last bytes than there are",
    range: "bytes=-99",
    text: "0123456789",
    contentRange: "bytes 0-9/10",
  },
  {
    title: "everything for an invalid range",
    range: "bites=1-2",
    text: "0123456789",
    contentRange: undefined,
  },
  {
    title: "everything for a backward range",
    range: "bytes=5-2",
    text: "0123456789",
    contentRange: undefined,
  },
])("a range gives $title", async ({ range, text, contentRange }) => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "a", "0123456789");
  const answer = await get(Bucket, "a", { Range: range });
  expect({ text: answer.text, contentRange: answer.ContentRange }).toEqual({ text, contentRange });
});

behaves.each([
  { title: "past the end", body: "0123456789", range: "bytes=10-12" },
  { title: "of zero last bytes", body: "0123456789", range: "bytes=-0" },
  { title: "of an empty object", body: "", range: "bytes=0-0" },
])("a range $title is refused", async ({ body, range }) => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "a", body);
  expect(await refusal(get(Bucket, "a", { Range: range }))).toEqual([416, "InvalidRange"]);
});

behaves("an empty object can be written and read", async () => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "empty", "");
  const { text, ContentLength, ETag } = await get(Bucket, "empty");
  expect({ text, ContentLength, ETag }).toEqual({
    text: "",
    ContentLength: 0,
    ETag: '"d41d8cd98f00b204e9800998ecf8427e"',
  });
});

const ETAG = '"841a2d689ad86bd1611447453c22c6fc"';
const OTHER = '"00000000000000000000000000000000"';
const PAST = new Date("2020-01-01");
const FUTURE = () => new Date(Date.now() + 3_600_000);

behaves.each([
  { title: "If-Match of its ETag", options: () => ({ IfMatch: ETAG }) },
  { title: "If-Match: *", options: () => ({ IfMatch: "*" }) },
  { title: "If-None-Match of another ETag", options: () => ({ IfNoneMatch: OTHER }) },
  { title: "If-Modified-Since before it", options: () => ({ IfModifiedSince: PAST }) },
  { title: "If-Unmodified-Since after it", options: () => ({ IfUnmodifiedSince: FUTURE() }) },
  { title: "If-Match over If-Unmodified-Since", options: () => ({ IfMatch: ETAG, IfUnmodifiedSince: PAST }) },
])("a read succeeds with $title", async ({ options }) => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "a");
  expect((await get(Bucket, "a", options())).text).toBe("body");
});

behaves.each([
  { title: "If-Match of another ETag", options: () => ({ IfMatch: OTHER }), status: 412 },
  { title: "If-Unmodified-Since before it", options: () => ({ IfUnmodifiedSince: PAST }), status: 412 },
  { title: "If-None-Match of its ETag", options: () => ({ IfNoneMatch: ETAG }), status: 304 },
  {
    title: "If-None-Match over If-Modified-Since",
    options: () => ({ IfNoneMatch: ETAG, IfModifiedSince: PAST }),
    status: 304,
  },
])("a read fails with $title", async ({ options, status }) => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "a");
  expect((await refusal(get(Bucket, "a", options())))[0]).toBe(status);
});

behaves("a reader may override the headers of the answer", async () => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "a");
  const overrides = { ResponseContentType: "text/plain", ResponseContentDisposition: "attachment" };
  const { ContentType, ContentDisposition } = await get(Bucket, "a", overrides);
  expect({ ContentType, ContentDisposition }).toEqual({
    ContentType: "text/plain",
    ContentDisposition: "attachment",
  });
});

behaves("more than 2 KB of metadata is refused", async () => {
  const Bucket = await endpoint.createBucket();
  const command = new PutObjectCommand({ Bucket, Key: "a", Body: "", Metadata: { large: "x".repeat(2050) } });
  expect(await refusal(s3.send(command))).toEqual([400, "MetadataTooLarge"]);
});

behaves("a deletion of a missing object succeeds", async () => {
  const Bucket = await endpoint.createBucket();
  const { $metadata } = await s3.send(new DeleteObjectCommand({ Bucket, Key: "none" }));
  expect($metadata.httpStatusCode).toBe(204);
});

behaves("DeleteObjects deletes each, reports each, and is silent when quiet", async () => {
  const Bucket = await endpoint.createBucket();
  for (const key of ["a", " b&<c> ", "d"]) await put(Bucket, key);
  const remove = (Quiet: boolean, ...keys: string[]) =>
    s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Quiet, Objects: keys.map((Key) => ({ Key })) } }));
  const { Deleted, Errors } = await remove(false, "a", " b&<c> ", "none");
  expect(Deleted?.map(({ Key }) => Key).toSorted()).toEqual([" b&<c> ", "a", "none"]);
  expect(Errors).toBeUndefined();
  expect((await remove(true, "d")).Deleted).toBeUndefined();
  expect((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
});
