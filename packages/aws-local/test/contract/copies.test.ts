import { CopyObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";

const endpoint = await connect();
const { s3 } = endpoint;
afterAll(() => endpoint.close());

const put = async (Bucket: string, Key: string, Body: string | Uint8Array = "body") =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const get = async (Bucket: string, Key: string, options = {}) => {
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key, ...options }));
  return { ...answer, text: await answer.Body?.transformToString() };
};

const ETAG = '"841a2d689ad86bd1611447453c22c6fc"';
const OTHER = '"00000000000000000000000000000000"';

behaves("a copy keeps the source's headers, and REPLACE gives new ones", async () => {
  const Bucket = await endpoint.createBucket();
  const headers = { ContentType: "image/png", Metadata: { a: "1" } };
  await s3.send(new PutObjectCommand({ Bucket, Key: "from", Body: "body", ...headers }));
  const copy = { Bucket, CopySource: `/${Bucket}/from` };
  const { CopyObjectResult } = await s3.send(new CopyObjectCommand({ ...copy, Key: "kept" }));
  expect(CopyObjectResult?.ETag).toBe(ETAG);
  const changed = { MetadataDirective: "REPLACE", ContentType: "text/plain", Metadata: { b: "2" } } as const;
  await s3.send(new CopyObjectCommand({ ...copy, ...changed, Key: "replaced" }));
  expect(await get(Bucket, "kept")).toMatchObject({ text: "body", ...headers });
  expect(await get(Bucket, "replaced")).toMatchObject({
    text: "body",
    ContentType: "text/plain",
    Metadata: { b: "2" },
  });
});

behaves("an object can be copied onto itself only if something changes", async () => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "a");
  const copy = { Bucket, Key: "a", CopySource: `${Bucket}/a` };
  expect(await refusal(s3.send(new CopyObjectCommand(copy)))).toEqual([400, "InvalidRequest"]);
  const changed = { ...copy, MetadataDirective: "REPLACE", Metadata: { touched: "1" } } as const;
  await s3.send(new CopyObjectCommand(changed));
  expect(await get(Bucket, "a")).toMatchObject({ text: "body", Metadata: { touched: "1" } });
});

behaves.each([
  { title: "a missing key", source: "none", options: {}, expected: [404, "NoSuchKey"] },
  {
    title: "a source with another ETag",
    source: "a",
    options: { CopySourceIfMatch: OTHER },
    expected: [412, "PreconditionFailed"],
  },
  {
    title: "a source with this ETag",
    source: "a",
    options: { CopySourceIfNoneMatch: ETAG },
    expected: [412, "PreconditionFailed"],
  },
])("a copy of $title is refused", async ({ source, options, expected }) => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "a");
  const command = new CopyObjectCommand({ Bucket, Key: "b", CopySource: `${Bucket}/${source}`, ...options });
  expect(await refusal(s3.send(command))).toEqual(expected);
});
