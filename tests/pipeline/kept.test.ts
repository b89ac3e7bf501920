import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import type { Report } from "@thumbsmith/functions";
import { BUCKETS, startPipeline } from "@thumbsmith/local";
import { defineConfig } from "@thumbsmith/shared";
import { expect, it, vi } from "vitest";
import { ROOT } from "./run.ts";

it("keeps outputs when a source is deleted, if the rule says so", async () => {
  const directory = await mkdtemp(join(tmpdir(), "thumbsmith-kept-"));
  const reports: Report[] = [];
  const rules = [
    { prefix: "kept/", whenDeleted: "keep" as const, variants: [{ prefix: "small-kept/", width: 20 }] },
    { prefix: "uploads/", variants: [{ prefix: "small/", width: 20 }] },
  ];
  const report = (each: Report) => reports.push(each);
  const pipeline = await startPipeline({ config: defineConfig({ rules }), directory, report });
  const { s3 } = pipeline;
  const outputs = async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKETS.thumbnails }));
    return Contents.map(({ Key }) => Key).filter((key) => !key?.startsWith("manifests/"));
  };
  try {
    const Body = await readFile(join(ROOT, "samples/mountain-sunset-baseline.jpg"));
    const keys = ["kept/a.jpg", "uploads/a.jpg"];
    for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key, Body }));
    await vi.waitFor(
      async () => expect(await outputs()).toEqual(["small-kept/a.jpg", "small/a.jpg"]),
      30_000,
    );
    for (const Key of keys) await s3.send(new DeleteObjectCommand({ Bucket: BUCKETS.uploads, Key }));
    await vi.waitFor(() => expect(reports).toHaveLength(4), 30_000);
    await delay(100);
    expect(await outputs()).toEqual(["small-kept/a.jpg"]);
    const results = reports.map(({ job, outcome }) => `${job.key} ${outcome?.result}`);
    expect(results.slice(2).toSorted()).toEqual(["kept/a.jpg current", "uploads/a.jpg removed"]);
  } finally {
    await pipeline.stop();
    await rm(directory, { recursive: true, force: true });
  }
}, 60_000);
