import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListObjectsV2Command, ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import { sendCanary } from "@thumbsmith/functions";
import { BUCKETS, type Pipeline, startPipeline } from "@thumbsmith/local";
import { defineConfig, SOURCE_FORMATS } from "@thumbsmith/shared";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

const environment = { UPLOADS_BUCKET: BUCKETS.uploads, THUMBNAILS_BUCKET: BUCKETS.thumbnails };
const variants = [{ prefix: "thumbnails/", width: 150, height: 150 }];

let directory: string;
let pipeline: Pipeline | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-canary-"));
});
afterEach(async () => {
  await pipeline?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(rule: object, limits: object = {}) {
  const config = defineConfig({ rules: [{ prefix: "uploads/", variants, ...rule }], limits });
  const keys: string[] = [];
  pipeline = await startPipeline({ config, directory, report: ({ job }) => keys.push(job.key) });
  const { s3 } = pipeline;
  const left = async () => [
    ...((await s3.send(new ListObjectVersionsCommand({ Bucket: BUCKETS.uploads }))).Versions ?? []),
    ...((await s3.send(new ListObjectsV2Command({ Bucket: BUCKETS.thumbnails }))).Contents ?? []),
  ];
  return { send: (seconds = 20) => sendCanary({ config, environment, client: s3, seconds }), keys, left };
}

it.each(SOURCE_FORMATS)("a canary for a rule of %s succeeds, and leaves nothing behind", async (format) => {
  const { send, keys, left } = await start({ formats: [format] });
  expect(await send()).toBeGreaterThan(0);
  expect(keys[0]).toMatch(/^uploads\/thumbsmith-canary-[0-9a-f-]{36}\.\w+$/);
  await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 10_000 });
});

it("a canary that is rejected fails, and is removed", async () => {
  const { send, left } = await start({ formats: ["png"] }, { side: 4 });
  await expect(send()).rejects.toThrow("found it rejected: side-too-long");
  await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 10_000 });
});

it("a canary without a manifest fails, and is removed", async () => {
  const { send, left } = await start({});
  await expect(send(0)).rejects.toThrow(/Expected a manifest of uploads\/\S+ within 0 s, found none/);
  await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 10_000 });
});
