import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
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

const OTHER = '"00000000000000000000000000000000"';
const put = (Bucket: string, Key: string, Body: string, condition = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...condition }));
const text = async (Bucket: string, Key: string) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

/** 200, or the status of the refusal. The loser of a race may also get 409, "try again", from S3. */
async function status(answer: Promise<{ $metadata: { httpStatusCode?: number } }>): Promise<number> {
  const failed = await refusal(answer).catch(async () => (await answer).$metadata.httpStatusCode ?? 0);
  return Array.isArray(failed) ? (failed[0] === 409 ? 412 : (failed[0] ?? 0)) : failed;
}

behaves("If-None-Match: * only writes a new object", async () => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "a", "first", { IfNoneMatch: "*" });
  expect(await refusal(put(Bucket, "a", "second", { IfNoneMatch: "*" }))).toEqual([
    412,
    "PreconditionFailed",
  ]);
  expect(await text(Bucket, "a")).toBe("first");
});

behaves("If-Match only overwrites an object with this ETag", async () => {
  const Bucket = await endpoint.createBucket();
  const { ETag } = await put(Bucket, "a", "first");
  expect(await refusal(put(Bucket, "a", "other", { IfMatch: OTHER }))).toEqual([412, "PreconditionFailed"]);
  await put(Bucket, "a", "second", { IfMatch: ETag });
  expect(await refusal(put(Bucket, "a", "third", { IfMatch: ETag }))).toEqual([412, "PreconditionFailed"]);
  expect(await text(Bucket, "a")).toBe("second");
});

behaves("If-Match on a missing key answers 404", async () => {
  const Bucket = await endpoint.createBucket();
  expect(await refusal(put(Bucket, "a", "x", { IfMatch: OTHER }))).toEqual([404, "NoSuchKey"]);
});

behaves("a key with a delete marker counts as missing", async () => {
  const Bucket = await endpoint.createBucket();
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  const { ETag } = await put(Bucket, "a", "first");
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
  expect(await refusal(put(Bucket, "a", "x", { IfMatch: ETag }))).toEqual([404, "NoSuchKey"]);
  await put(Bucket, "a", "second", { IfNoneMatch: "*" });
  expect(await text(Bucket, "a")).toBe("second");
});

behaves("of 20 parallel writes with If-None-Match: * exactly one wins", async () => {
  const Bucket = await endpoint.createBucket();
  const writes = Array.from({ length: 20 }, (_, n) => status(put(Bucket, "a", `${n}`, { IfNoneMatch: "*" })));
  const statuses = await Promise.all(writes);
  expect(statuses.toSorted()).toEqual([200, ...Array(19).fill(412)]);
  expect(await text(Bucket, "a")).toBe(String(statuses.indexOf(200)));
});

behaves("of 20 parallel writes with the same If-Match exactly one wins", async () => {
  const Bucket = await endpoint.createBucket();
  const { ETag } = await put(Bucket, "a", "first");
  const writes = Array.from({ length: 20 }, (_, n) => status(put(Bucket, "a", `${n}`, { IfMatch: ETag })));
  const statuses = await Promise.all(writes);
  expect(statuses.toSorted()).toEqual([200, ...Array(19).fill(412)]);
});

behaves("of 20 parallel deletions with the same If-Match exactly one wins", async () => {
  const Bucket = await endpoint.createBucket();
  const { ETag } = await put(Bucket, "a", "first");
  const remove = () => status(s3.send(new DeleteObjectCommand({ Bucket, Key: "a", IfMatch: ETag })));
  const statuses = await Promise.all(Array.from({ length: 20 }, remove));
  expect(statuses.filter((one) => one === 204)).toEqual([204]);
  expect(statuses.filter((one) => one === 404 || one === 412)).toHaveLength(19);
});

behaves("a write with a slow body loses to one that finished meanwhile", async () => {
  const Bucket = await endpoint.createBucket();
  const Body = new PassThrough();
  const condition = { ContentLength: 9, IfNoneMatch: "*" };
  const slow = refusal(s3.send(new PutObjectCommand({ Bucket, Key: "a", Body, ...condition })));
  Body.write("slow ");
  await sleep(200);
  await put(Bucket, "a", "quick", { IfNoneMatch: "*" });
  Body.end("body");
  expect(await slow).toEqual([412, "PreconditionFailed"]);
  expect(await text(Bucket, "a")).toBe("quick");
});

behaves("a write that cannot succeed is refused before its body is sent", async () => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "a", "first");
  const headers = { "content-length": String(1024 ** 3), expect: "100-continue", "if-none-match": "*" };
  const request = await sign(endpoint, { method: "PUT", path: `/${Bucket}/a`, headers });
  const { status, code } = await send(endpoint, request);
  expect({ status, code }).toEqual({ status: 412, code: "PreconditionFailed" });
});

behaves("If-Match only deletes an object with this ETag", async () => {
  const Bucket = await endpoint.createBucket();
  const { ETag } = await put(Bucket, "a", "first");
  const remove = (IfMatch: string | undefined) =>
    s3.send(new DeleteObjectCommand({ Bucket, Key: "a", IfMatch }));
  expect(await refusal(remove(OTHER))).toEqual([412, "PreconditionFailed"]);
  expect(await text(Bucket, "a")).toBe("first");
  await remove(ETag);
  expect((await refusal(s3.send(new HeadObjectCommand({ Bucket, Key: "a" }))))[0]).toBe(404);
});

behaves.each([
  { title: "that was never written", versioned: false, deleted: false, ifMatch: OTHER },
  { title: "that was never written, with any ETag", versioned: false, deleted: false, ifMatch: "*" },
  {
    title: "under a delete marker",
    versioned: true,
    deleted: true,
    ifMatch: '"8b04d5e3775d298e78455efc5ca404d5"',
  },
])("a deletion with If-Match of a key $title answers 404", async ({ versioned, deleted, ifMatch }) => {
  const Bucket = await endpoint.createBucket();
  const VersioningConfiguration = { Status: "Enabled" } as const;
  if (versioned) await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  if (deleted) {
    await put(Bucket, "a", "first");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
  }
  const remove = s3.send(new DeleteObjectCommand({ Bucket, Key: "a", IfMatch: ifMatch }));
  expect(await refusal(remove)).toEqual([404, "NoSuchKey"]);
});

behaves("If-Match: * deletes an object with any ETag", async () => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "a", "first");
  const { $metadata } = await s3.send(new DeleteObjectCommand({ Bucket, Key: "a", IfMatch: "*" }));
  expect($metadata.httpStatusCode).toBe(204);
});

behaves("DeleteObjects only deletes objects with the given ETags", async () => {
  const Bucket = await endpoint.createBucket();
  const { ETag } = await put(Bucket, "a", "first");
  await put(Bucket, "b", "second");
  const Objects = [
    { Key: "a", ETag },
    { Key: "b", ETag: OTHER },
  ];
  const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  expect(Deleted).toMatchObject([{ Key: "a" }]);
  expect(Errors).toMatchObject([{ Key: "b", Code: "PreconditionFailed" }]);
  expect(await text(Bucket, "b")).toBe("second");
});

behaves("a copy can have a condition on what it replaces", async () => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "from", "new");
  await put(Bucket, "to", "old");
  const copy = { Bucket, Key: "to", CopySource: `${Bucket}/from` };
  const refused = s3.send(new CopyObjectCommand({ ...copy, IfNoneMatch: "*" }));
  expect(await refusal(refused)).toEqual([412, "PreconditionFailed"]);
  expect(await text(Bucket, "to")).toBe("old");
});
