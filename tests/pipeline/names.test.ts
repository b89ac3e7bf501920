import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { Report } from "@thumbsmith/functions";
import { BUCKETS, type Pipeline, startPipeline } from "@thumbsmith/local";
import { type ConfigInput, defineConfig } from "@thumbsmith/shared";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ROOT } from "./run.ts";

const UUID = "4f0c2b1e-6d1f-4a57-9d42-0a8b6d7c1e55";

let directory: string;
let pipeline: Pipeline;
let reports: Report[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-names-"));
  reports = [];
});
afterEach(async () => {
  await pipeline.stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(rules: ConfigInput["rules"]): Promise<void> {
  const report = (report: Report) => reports.push(report);
  pipeline = await startPipeline({ config: defineConfig({ rules }), directory, report });
}

async function upload(...keys: string[]): Promise<void> {
  const Body = await readFile(join(ROOT, "samples/forest-stream.webp"));
  for (const Key of keys)
    await pipeline.s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key, Body }));
}

async function settled(): Promise<void> {
  while ((await pipeline.backlog()).waiting > 0) await delay(20);
}

/** The keys in the thumbnails bucket. */
async function outputs(): Promise<string[]> {
  const { Contents = [] } = await pipeline.s3.send(new ListObjectsV2Command({ Bucket: BUCKETS.thumbnails }));
  return Contents.map(({ Key = "" }) => Key);
}

it("makes thumbnails of any name, in the format of the bytes", async () => {
  await start([{ prefix: "uploads/", names: "any", variants: [{ prefix: "thumbnails/", width: 20 }] }]);
  await upload(`uploads/${UUID}`, "uploads/a.Jpg", "uploads/b.jPG", "uploads/photo.jpg-1", "uploads/.c");
  await settled();
  const made = (await outputs()).filter((key) => key.startsWith("thumbnails/"));
  expect(made).toEqual([
    "thumbnails/.c",
    `thumbnails/${UUID}`,
    "thumbnails/a.Jpg",
    "thumbnails/b.jPG",
    "thumbnails/photo.jpg-1",
  ]);
  for (const Key of made) {
    const head = await pipeline.s3.send(new HeadObjectCommand({ Bucket: BUCKETS.thumbnails, Key }));
    expect(head.ContentType).toBe("image/webp");
  }
  await pipeline.s3.send(new DeleteObjectCommand({ Bucket: BUCKETS.uploads, Key: `uploads/${UUID}` }));
  await settled();
  expect(await outputs()).not.toContain(`thumbnails/${UUID}`);
});

it("rejects files that are not images, and ignores folders", async () => {
  await start([{ prefix: "uploads/", names: "any", variants: [{ prefix: "thumbnails/", width: 20 }] }]);
  const put = (Key: string, Body: string) =>
    pipeline.s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key, Body }));
  await put("uploads/cats/", "");
  await put("uploads/notes.txt", "no image");
  await put("uploads/empty", "");
  await settled();
  expect(await outputs()).toEqual(["manifests/uploads/empty.json", "manifests/uploads/notes.txt.json"]);
  const reasons = await Promise.all(
    (await outputs()).map(async (Key) => {
      const { Body } = await pipeline.s3.send(new GetObjectCommand({ Bucket: BUCKETS.thumbnails, Key }));
      return JSON.parse((await Body?.transformToString()) ?? "").reason.code;
    }),
  );
  expect(reasons).toEqual(["empty-file", "not-an-image"]);
  expect(reports.find(({ job }) => job.key === "uploads/cats/")?.outcome?.result).toBe("ignored");
});

it("accepts any name for a rule inside another, which accepts those with a suffix", async () => {
  await start([
    { prefix: "uploads/", formats: ["webp"], variants: [{ prefix: "thumbnails/", width: 20 }] },
    { prefix: "uploads/raw/", names: "any", variants: [{ prefix: "raw/", width: 20, format: "jpeg" }] },
  ]);
  await upload("uploads/a.webp", "uploads/a", "uploads/raw/a", "uploads/raw/a.webp");
  await settled();
  expect((await outputs()).filter((key) => !key.startsWith("manifests/"))).toEqual([
    "raw/a",
    "raw/a.webp.jpg",
    "thumbnails/a.webp",
  ]);
  expect(reports.find(({ job }) => job.key === "uploads/a")?.outcome?.result).toBe("ignored");
});

it("reads what include matches and exclude does not, and removes outputs of what is left out later", async () => {
  const rule = { prefix: "uploads/", variants: [{ prefix: "thumbnails/", width: 20 }] };
  await start([{ ...rule, include: ["*/avatars/**"], exclude: ["**/drafts/**"] }]);
  const keys = ["kim/avatars/a.webp", "kim/avatars/deep/.b.webp", "kim/avatars/drafts/c.webp", "kim/d.webp"];
  await upload(...keys.map((key) => `uploads/${key}`));
  await settled();
  const made = async () => (await outputs()).filter((key) => key.startsWith("thumbnails/"));
  expect(await made()).toEqual(["thumbnails/kim/avatars/a.webp", "thumbnails/kim/avatars/deep/.b.webp"]);
  expect(reports.find(({ job }) => job.key === "uploads/kim/d.webp")?.outcome?.result).toBe("ignored");

  await pipeline.stop();
  await start([{ ...rule, exclude: ["*/avatars/deep/**"] }]);
  await upload(...keys.map((key) => `uploads/${key}`));
  await settled();
  expect(await made()).toEqual([
    "thumbnails/kim/avatars/a.webp",
    "thumbnails/kim/avatars/drafts/c.webp",
    "thumbnails/kim/d.webp",
  ]);
});
