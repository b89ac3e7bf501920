import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
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

const setVersioning = (Bucket: string, Status: "Enabled" | "Suspended") =>
  s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
const put = (Bucket: string, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key: "a", Body }));
const remove = (Bucket: string, VersionId?: string) =>
  s3.send(new DeleteObjectCommand({ Bucket, Key: "a", VersionId }));
const text = async (Bucket: string, VersionId?: string) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key: "a", VersionId }))).Body?.transformToString();

async function versionedBucket(): Promise<string> {
  const Bucket = await endpoint.createBucket();
  await setVersioning(Bucket, "Enabled");
  return Bucket;
}

behaves("versioning is off until it is set", async () => {
  const Bucket = await endpoint.createBucket();
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
  await setVersioning(Bucket, "Enabled");
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe("Enabled");
});

behaves("every write keeps the object before it as a version", async () => {
  const Bucket = await versionedBucket();
  const first = await put(Bucket, "first");
  const second = await put(Bucket, "second");
  expect(first.VersionId).not.toBe(second.VersionId);
  expect(await text(Bucket)).toBe("second");
  expect(await text(Bucket, first.VersionId)).toBe("first");
  expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }))).VersionId).toBe(second.VersionId);
});

behaves("a deletion adds a marker and keeps the versions", async () => {
  const Bucket = await versionedBucket();
  const { VersionId } = await put(Bucket, "first");
  const deleted = await remove(Bucket);
  expect(deleted.DeleteMarker).toBe(true);
  expect(await refusal(text(Bucket))).toEqual([404, "NoSuchKey"]);
  expect(await text(Bucket, VersionId)).toBe("first");
  const request = await sign(endpoint, { method: "GET", path: `/${Bucket}/a` });
  const { headers } = await send(endpoint, request);
  expect(headers).toMatchObject({ "x-amz-delete-marker": "true", "x-amz-version-id": deleted.VersionId });
});

behaves("a delete marker cannot be read", async () => {
  const Bucket = await versionedBucket();
  await put(Bucket, "first");
  const { VersionId } = await remove(Bucket);
  expect(await refusal(text(Bucket, VersionId))).toEqual([405, "MethodNotAllowed"]);
});

behaves("the deletion of a marker brings the object back", async () => {
  const Bucket = await versionedBucket();
  await put(Bucket, "first");
  const { VersionId } = await remove(Bucket);
  const answer = await remove(Bucket, VersionId);
  expect(answer).toMatchObject({ VersionId, DeleteMarker: true });
  expect(await text(Bucket)).toBe("first");
});

behaves("the deletion of the newest version makes the one before it the newest", async () => {
  const Bucket = await versionedBucket();
  const first = await put(Bucket, "first");
  const second = await put(Bucket, "second");
  await remove(Bucket, second.VersionId);
  expect(await text(Bucket)).toBe("first");
  await remove(Bucket, first.VersionId);
  expect(await refusal(text(Bucket))).toEqual([404, "NoSuchKey"]);
});

behaves("the deletion of a missing version succeeds", async () => {
  const Bucket = await versionedBucket();
  const { VersionId } = await put(Bucket, "first");
  await remove(Bucket, VersionId);
  expect((await remove(Bucket, VersionId)).$metadata.httpStatusCode).toBe(204);
});

behaves("DeleteObjects reports the markers that it makes and removes", async () => {
  const Bucket = await versionedBucket();
  await put(Bucket, "first");
  const made = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a" }] } }));
  const [marker] = made.Deleted ?? [];
  expect(marker).toMatchObject({ Key: "a", DeleteMarker: true });
  const Objects = [{ Key: "a", VersionId: marker?.DeleteMarkerVersionId }];
  const removed = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  expect(removed.Deleted).toMatchObject([
    { Key: "a", DeleteMarker: true, DeleteMarkerVersionId: marker?.DeleteMarkerVersionId },
  ]);
  expect(await text(Bucket)).toBe("first");
});

behaves("an older version can be copied over the newest", async () => {
  const Bucket = await versionedBucket();
  const { VersionId } = await put(Bucket, "first");
  await put(Bucket, "second");
  const CopySource = `${Bucket}/a?versionId=${VersionId}`;
  const copy = await s3.send(new CopyObjectCommand({ Bucket, Key: "a", CopySource }));
  expect(copy.CopySourceVersionId).toBe(VersionId);
  expect(copy.VersionId).not.toBe(VersionId);
  expect(await text(Bucket)).toBe("first");
});

behaves("an object from before versioning has the version null", async () => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "before");
  await setVersioning(Bucket, "Enabled");
  await put(Bucket, "after");
  expect(await text(Bucket, "null")).toBe("before");
  expect(await text(Bucket)).toBe("after");
});

behaves("if versioning is suspended, writes replace only the version null", async () => {
  const Bucket = await versionedBucket();
  const { VersionId } = await put(Bucket, "first");
  await setVersioning(Bucket, "Suspended");
  await put(Bucket, "second");
  await put(Bucket, "third");
  expect(await text(Bucket)).toBe("third");
  expect(await text(Bucket, "null")).toBe("third");
  expect(await text(Bucket, VersionId)).toBe("first");
  const deleted = await remove(Bucket);
  expect(deleted).toMatchObject({ DeleteMarker: true, VersionId: "null" });
  expect(await text(Bucket, VersionId)).toBe("first");
});
