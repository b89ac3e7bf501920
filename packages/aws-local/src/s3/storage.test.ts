import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { refusal } from "../../test/contract/errors.ts";
import { type LocalEndpoint, startLocal } from "../../test/contract/local.ts";

let local: LocalEndpoint;
let Bucket: string;

beforeEach(async () => {
  local = await startLocal();
  Bucket = await local.createBucket();
});

afterEach(async () => {
  await local.stop();
  await rm(local.directory, { recursive: true });
});

async function restart(): Promise<void> {
  await local.stop();
  local = await startLocal({ directory: local.directory });
}

const put = (Key: string, Body: string, options = {}) =>
  local.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...options }));
const remove = (Key: string) => local.s3.send(new DeleteObjectCommand({ Bucket, Key }));
const text = async (Key: string, VersionId?: string) =>
  (await local.s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body?.transformToString();
const enableVersioning = () =>
  local.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));

const file = (name: string) => join(local.directory, Bucket, name);
const hidden = (...names: string[]) => join(local.directory, ".s3", Bucket, ...names);
const filesOf = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();

it.each(["a.jpg", "photos/2024/a b+é.JPG", "100%/: ?*<>|\"'.png", ".hidden/.file"])(
  "the object %j is a plain file of this name",
  async (key) => {
    await put(key, "bytes");
    expect(await readFile(file(key), "utf8")).toBe("bytes");
  },
);

it.each(["a//b", "/a", "a/", "..", "../../outside", "a/./b", "new\nline", "x".repeat(300)])(
  "the object %j, which is not a legal path, is kept in the hidden folder",
  async (key) => {
    await put(key, "bytes");
    expect(await text(key)).toBe("bytes");
    expect(await filesOf(join(local.directory, Bucket))).toEqual([]);
    expect((await readdir(local.directory)).toSorted()).toEqual([".s3", Bucket]);
  },
);

it("of two keys that cannot both be files, the second is kept in the hidden folder", async () => {
  await put("a", "file");
  await put("a/b", "hidden");
  expect(await readFile(file("a"), "utf8")).toBe("file");
  expect([await text("a"), await text("a/b")]).toEqual(["file", "hidden"]);
});

it("old versions and metadata are not among the user's files", async () => {
  await enableVersioning();
  await put("a.jpg", "old", { Metadata: { a: "1" } });
  await put("a.jpg", "new");
  expect(await filesOf(join(local.directory, Bucket))).toEqual(["a.jpg"]);
  await remove("a.jpg");
  expect(await filesOf(join(local.directory, Bucket))).toEqual([]);
});

it("a deletion removes empty folders, but no other files", async () => {
  await put("a/b/c.jpg", "x");
  await put("a/d.jpg", "x");
  await writeFile(file("a/notes.txt"), "mine");
  await remove("a/b/c.jpg");
  await remove("a/d.jpg");
  expect(await readdir(file("a"))).toEqual(["notes.txt"]);
});

it("nothing is written through a symbolic link", async () => {
  const outside = join(local.directory, "outside");
  await mkdir(outside);
  await symlink(outside, file("link"));
  await put("link/a.jpg", "bytes");
  expect(await text("link/a.jpg")).toBe("bytes");
  expect(await readdir(outside)).toEqual([]);
});

it("everything is the same after a restart", async () => {
  await put("plain.jpg", "plain", { ContentType: "image/jpeg", Metadata: { a: "1" } });
  await put("odd//key", "odd");
  await enableVersioning();
  const first = await put("versioned", "first");
  await put("versioned", "second");
  await put("deleted", "x");
  await remove("deleted");
  const list = async () => {
    const { Versions, DeleteMarkers } = await local.s3.send(new ListObjectVersionsCommand({ Bucket }));
    return { Versions, DeleteMarkers };
  };
  const before = await list();
  await restart();
  expect(await list()).toEqual(before);
  expect(await text("odd//key")).toBe("odd");
  expect(await text("versioned")).toBe("second");
  expect(await text("versioned", first.VersionId)).toBe("first");
  expect(await local.s3.send(new HeadObjectCommand({ Bucket, Key: "plain.jpg" }))).toMatchObject({
    ContentType: "image/jpeg",
    Metadata: { a: "1" },
    VersionId: "null",
  });
});

it("sequencers keep increasing after a restart", async () => {
  const sequencer = async () => {
    const queue = await local.createQueue();
    const QueueConfigurations = [{ QueueArn: queue.arn, Events: ["s3:ObjectCreated:*" as const] }];
    const NotificationConfiguration = { QueueConfigurations };
    await local.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
    for (let count = 0; count < 20; count += 1) await put("a", `${count}`);
    const receive = new ReceiveMessageCommand({ QueueUrl: queue.url, MaxNumberOfMessages: 10 });
    await local.sqs.send(receive);
    const { Messages = [] } = await local.sqs.send(receive);
    return JSON.parse(Messages.at(-1)?.Body ?? "").Records[0].s3.object.sequencer as string;
  };
  const first = await sequencer();
  await restart();
  const second = await sequencer();
  expect(second > first).toBe(true);
  expect(second).toHaveLength(first.length);
});

/** Undoes the last step of a write in the files, as if the server had crashed just before it. */
async function undoMove(key: string): Promise<void> {
  const name = `${createHash("sha256").update(key).digest("hex")}.json`;
  const { versions } = JSON.parse(await readFile(hidden("keys", name), "utf8"));
  await rename(file(key), hidden("bodies", versions[0].body));
  const [, older] = versions;
  if (older) await rename(hidden("bodies", older.body), file(key));
}

it("a write that was committed before a crash is complete after the restart", async () => {
  await enableVersioning();
  const { VersionId } = await put("a.jpg", "first");
  await put("a.jpg", "second");
  await put("b.jpg", "other");
  await local.stop();
  await undoMove("a.jpg");
  await undoMove("b.jpg");
  await restart();
  expect([await text("a.jpg"), await text("b.jpg")]).toEqual(["second", "other"]);
  expect(await text("a.jpg", VersionId)).toBe("first");
  expect(await readFile(file("a.jpg"), "utf8")).toBe("second");
});

it("an upload that was interrupted by a crash leaves nothing", async () => {
  await put("a.jpg", "first");
  await local.stop();
  await writeFile(hidden("bodies", "half-an-object"), "half");
  await restart();
  expect(await text("a.jpg")).toBe("first");
  expect(await readdir(hidden("bodies"))).toEqual([]);
});

it("an upload that its client interrupts leaves nothing", async () => {
  await put("a.jpg", "first");
  const abort = new AbortController();
  const Body = new PassThrough();
  const command = new PutObjectCommand({ Bucket, Key: "a.jpg", Body, ContentLength: 1_000_000 });
  const upload = local.s3.send(command, { abortSignal: abort.signal }).catch(() => "aborted");
  Body.write(Buffer.alloc(500_000));
  await vi.waitFor(async () => expect(await readdir(hidden("bodies"))).toHaveLength(1));
  abort.abort();
  Body.destroy();
  expect(await upload).toBe("aborted");
  await vi.waitFor(async () => expect(await readdir(hidden("bodies"))).toEqual([]));
  expect(await text("a.jpg")).toBe("first");
});

it("a read returns the whole object that it began with, even if the key is written meanwhile", async () => {
  const size = 8 * 1024 * 1024;
  await put("a", "1".repeat(size));
  const { Body } = await local.s3.send(new GetObjectCommand({ Bucket, Key: "a" }));
  await put("a", "2".repeat(size));
  await remove("a");
  expect(await Body?.transformToString()).toBe("1".repeat(size));
});

it("parallel writes and deletions leave a consistent state", async () => {
  await enableVersioning();
  const changes = Array.from({ length: 60 }, (_, n) => (n % 3 === 2 ? remove("a") : put("a", `body ${n}`)));
  await Promise.all(changes);
  const { Versions = [], DeleteMarkers = [] } = await local.s3.send(
    new ListObjectVersionsCommand({ Bucket }),
  );
  expect([Versions.length, DeleteMarkers.length]).toEqual([40, 20]);
  for (const { VersionId, ETag } of Versions) {
    const md5 = createHash("md5")
      .update((await text("a", VersionId)) ?? "")
      .digest("hex");
    expect(ETag).toBe(`"${md5}"`);
  }
});

it("a body of 300 MB is written and read without being held in memory", async () => {
  const megabyte = Buffer.alloc(1024 * 1024, "x");
  const start = process.memoryUsage.rss();
  let peak = start;
  async function* body() {
    for (let count = 0; count < 300; count += 1) {
      peak = Math.max(peak, process.memoryUsage.rss());
      yield megabyte;
    }
  }
  const ContentLength = 300 * megabyte.length;
  await local.s3.send(
    new PutObjectCommand({ Bucket, Key: "large", Body: Readable.from(body()), ContentLength }),
  );
  const { Body } = await local.s3.send(new GetObjectCommand({ Bucket, Key: "large" }));
  let received = 0;
  for await (const chunk of Body as Readable) {
    received += chunk.length;
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  expect(received).toBe(ContentLength);
  expect(peak - start).toBeLessThan(150 * 1024 * 1024);
});

it("a bucket with other files in its folder is not deleted", async () => {
  await writeFile(file("notes.txt"), "mine");
  const command = new DeleteBucketCommand({ Bucket });
  expect(await refusal(local.s3.send(command))).toEqual([409, "BucketNotEmpty"]);
  expect(await readFile(file("notes.txt"), "utf8")).toBe("mine");
});
