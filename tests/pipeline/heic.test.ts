import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { Report } from "@thumbsmith/functions";
import { BUCKETS, type Pipeline, startPipeline } from "@thumbsmith/local";
import { type ConfigInput, defineConfig } from "@thumbsmith/shared";
import { makeHeic } from "@thumbsmith/testing/heic";
import { pixelsOf } from "@thumbsmith/testing/pixels";
import { afterEach, beforeEach, expect, it } from "vitest";

const variants = [{ prefix: "thumbnails/", width: 20 }];

let directory: string;
let pipeline: Pipeline;
let reports: Report[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-heic-"));
  reports = [];
});
afterEach(async () => {
  await pipeline.stop();
  await rm(directory, { recursive: true, force: true });
});

async function upload(Key: string, rule: Partial<ConfigInput["rules"][number]>): Promise<void> {
  const config = defineConfig({ rules: [{ prefix: "uploads/", variants, ...rule }] });
  pipeline = await startPipeline({ config, directory, report: (report) => reports.push(report) });
  await pipeline.s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key, Body: makeHeic() }));
  while ((await pipeline.backlog()).waiting > 0) await delay(20);
}

it("makes a JPEG of an iPhone's photograph, if the rule accepts HEIC", async () => {
  await upload("uploads/IMG_1.HEIC", { formats: ["jpeg", "heic"] });
  const Key = "thumbnails/IMG_1.HEIC.Jpg";
  const { Body, ContentType } = await pipeline.s3.send(
    new GetObjectCommand({ Bucket: BUCKETS.thumbnails, Key }),
  );
  expect(ContentType).toBe("image/jpeg");
  const { width, height } = await pixelsOf((await Body?.transformToByteArray()) ?? new Uint8Array());
  expect([width, height]).toEqual([20, 20]);
});

it("rejects it by default, and says how to change that", async () => {
  await upload("uploads/IMG_1.jpg", {});
  expect(JSON.stringify(reports)).toContain("heic-not-decodable");
});
