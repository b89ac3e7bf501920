import { appendFile, cp, mkdir, mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { S3EventRecord } from "aws-lambda";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { refusal } from "../../test/contract/errors.ts";
import { type LocalEndpoint, startLocal } from "../../test/contract/local.ts";

/** Longer than it takes to notice a change. */
const SETTLED_MS = 900;

let local: LocalEndpoint;
let Bucket: string;
let queueUrl: string;
let events: string[];

beforeEach(async () => {
  local = await startLocal();
  Bucket = await local.createBucket();
  await listen();
});

afterEach(async () => {
  await local.stop();
  await rm(local.directory, { recursive: true });
});

/** Starts to collect the bucket's events. */
async function listen(): Promise<void> {
  const { url, arn } = await local.createQueue();
  queueUrl = url;
  events = [];
  const Events = ["s3:ObjectCreated:*" as const, "s3:ObjectRemoved:*" as const];
  const NotificationConfiguration = { QueueConfigurations: [{ QueueArn: arn, Events }] };
  await local.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
}

async function received(): Promise<string[]> {
  const command = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
  const { Messages = [] } = await local.sqs.send(command);
  const records: S3EventRecord[] = Messages.flatMap(({ Body = "" }) => JSON.parse(Body).Records ?? []);
  events.push(
    ...records.map(({ eventName, s3 }) => `${eventName} ${s3.object.key} ${s3.object.size ?? ""}`.trim()),
  );
  return events.toSorted();
}

const expectEvents = (...expected: string[]) =>
  vi.waitFor(async () => expect(await received()).toEqual(expected), { timeout: 8000, interval: 50 });

async function expectNoMoreEvents(...expected: string[]): Promise<void> {
  await sleep(SETTLED_MS);
  expect(await received()).toEqual(expected);
}

async function restart(): Promise<void> {
  await local.stop();
  local = await startLocal({ directory: local.directory });
}

const file = (name: string) => join(local.directory, Bucket, name);
const put = (Key: string, Body: string, options = {}) =>
  local.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...options }));
const get = async (Key: string, VersionId?: string) => {
  const { Body, ...object } = await local.s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return { ...object, text: await Body?.transformToString() };
};

it("a file that is copied into the folder becomes an object, with its event", async () => {
  await local.aws.adopt(Bucket);
  await mkdir(file("photos"));
  await writeFile(file("photos/a b.JPG"), "hello");
  await expectEvents("ObjectCreated:Put photos/a+b.JPG 5");
  expect(await get("photos/a b.JPG")).toMatchObject({
    text: "hello",
    ContentType: "image/jpeg",
    ETag: '"5d41402abc4b2a76b9719d911017c592"',
  });
});

it("files that are there at the start become objects", async () => {
  await writeFile(file("a.png"), "hello");
  await writeFile(file("unknown"), "x");
  await local.aws.adopt(Bucket);
  await expectEvents("ObjectCreated:Put a.png 5", "ObjectCreated:Put unknown 1");
  expect((await get("a.png")).ContentType).toBe("image/png");
  expect((await get("unknown")).ContentType).toBe("binary/octet-stream");
});

it("a file that is overwritten becomes a new object", async () => {
  await put("a.jpg", "first", { Metadata: { a: "1" } });
  await local.aws.adopt(Bucket);
  await writeFile(file("a.jpg"), "second");
  await expectEvents("ObjectCreated:Put a.jpg 5", "ObjectCreated:Put a.jpg 6");
  expect(await get("a.jpg")).toMatchObject({ text: "second", Metadata: {}, ContentType: "image/jpeg" });
});

it("a file that is deleted or renamed is no longer an object", async () => {
  for (const key of ["a.jpg", "b.jpg"]) await put(key, "x");
  await local.aws.adopt(Bucket);
  await rm(file("a.jpg"));
  await rename(file("b.jpg"), file("c.jpg"));
  await expectEvents(
    "ObjectCreated:Put a.jpg 1",
    "ObjectCreated:Put b.jpg 1",
    "ObjectCreated:Put c.jpg 1",
    "ObjectRemoved:Delete a.jpg",
    "ObjectRemoved:Delete b.jpg",
  );
  expect(await refusal(get("a.jpg"))).toEqual([404, "NoSuchKey"]);
  const { Contents = [] } = await local.s3.send(new ListObjectsV2Command({ Bucket }));
  expect(Contents.map(({ Key }) => Key)).toEqual(["c.jpg"]);
});

it("with versioning, a file that is deleted leaves a delete marker", async () => {
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await local.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const { VersionId } = await put("a.jpg", "older");
  await put("a.jpg", "newer");
  await local.aws.adopt(Bucket);
  await rm(file("a.jpg"));
  await expectEvents(
    "ObjectCreated:Put a.jpg 5",
    "ObjectCreated:Put a.jpg 5",
    "ObjectRemoved:DeleteMarkerCreated a.jpg",
  );
  expect(await refusal(get("a.jpg"))).toEqual([404, "NoSuchKey"]);
  expect((await get("a.jpg", VersionId)).text).toBe("older");
});

it("an object that is written through the API is not adopted again", async () => {
  await local.aws.adopt(Bucket);
  await put("a.jpg", "first");
  await put("a.jpg", "second!");
  await put("deep/er/b.jpg", "x");
  await put("gone.jpg", "x");
  await local.s3.send(new DeleteObjectCommand({ Bucket, Key: "gone.jpg" }));
  const expected = [
    "ObjectCreated:Put a.jpg 5",
    "ObjectCreated:Put a.jpg 7",
    "ObjectCreated:Put deep/er/b.jpg 1",
    "ObjectCreated:Put gone.jpg 1",
    "ObjectRemoved:Delete gone.jpg",
  ];
  await expectEvents(...expected);
  await expectNoMoreEvents(...expected);
});

it("a file that grows slowly is adopted once, when it is complete", async () => {
  await local.aws.adopt(Bucket);
  for (let count = 0; count < 8; count += 1) {
    await appendFile(file("slow.jpg"), "0123456789");
    await sleep(100);
  }
  await expectEvents("ObjectCreated:Put slow.jpg 80");
  await expectNoMoreEvents("ObjectCreated:Put slow.jpg 80");
});

it("hidden and temporary files are not objects", async () => {
  await local.aws.adopt(Bucket);
  await mkdir(file(".git"));
  for (const name of [".DS_Store", ".git/config", "a.jpg~", "b.jpg.part", "c.crdownload", "Thumbs.db"]) {
    await writeFile(file(name), "x");
  }
  await expectNoMoreEvents();
});

it("a new date on the same bytes is not a change", async () => {
  await put("a.jpg", "first", { Metadata: { a: "1" } });
  await local.aws.adopt(Bucket);
  await utimes(file("a.jpg"), new Date(), new Date(Date.now() - 60_000));
  await expectNoMoreEvents("ObjectCreated:Put a.jpg 5");
  expect(await get("a.jpg")).toMatchObject({ text: "first", Metadata: { a: "1" } });
});

it("changes while the server is stopped are adopted when it starts again", async () => {
  for (const key of ["kept.jpg", "changed.jpg", "deleted.jpg"]) await put(key, "first");
  await local.stop();
  await writeFile(file("changed.jpg"), "changed");
  await writeFile(file("new.jpg"), "new");
  await rm(file("deleted.jpg"));
  await restart();
  await listen();
  await local.aws.adopt(Bucket);
  await expectEvents(
    "ObjectCreated:Put changed.jpg 7",
    "ObjectCreated:Put new.jpg 3",
    "ObjectRemoved:Delete deleted.jpg",
  );
});

it("a folder that was copied elsewhere serves the same objects", async () => {
  const { ETag } = await put("a.jpg", "first", { Metadata: { a: "1" } });
  await local.stop();
  const copy = await mkdtemp(join(tmpdir(), "thumbsmith-copy-"));
  await cp(local.directory, copy, { recursive: true });
  await rm(local.directory, { recursive: true });
  local = await startLocal({ directory: copy });
  await listen();
  await sleep(SETTLED_MS);
  expect(await get("a.jpg")).toMatchObject({ text: "first", ETag, Metadata: { a: "1" } });
  expect(await received()).toEqual([]);
});

it("reading a file that was changed by hand returns its new bytes, or asks the client to retry", async () => {
  await put("a.jpg", "first");
  await writeFile(file("a.jpg"), "second");
  expect(await refusal(get("a.jpg"))).toEqual([503, "ServiceUnavailable"]);
  await sleep(300);
  expect(await get("a.jpg")).toMatchObject({ text: "second", ContentLength: 6 });
  const { ETag } = await local.s3.send(new HeadObjectCommand({ Bucket, Key: "a.jpg" }));
  expect(ETag).toBe('"a9f0e61a137d86aa9db53465e0801612"');
});
