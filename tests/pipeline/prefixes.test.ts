import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { BUCKETS, startPipeline } from "@thumbsmith/local";
import { defineConfig } from "@thumbsmith/shared";
import { expect, it, vi } from "vitest";
import { ROOT } from "./run.ts";

const PREFIXES = ["my photos/", "a+b/", "year=2024/", "50%off/", "$what?/", "größe/", "it's (new)!/"];

it("gets events of uploads under prefixes that have to be encoded in S3's filters", async () => {
  const directory = await mkdtemp(join(tmpdir(), "thumbsmith-prefixes-"));
  const rules = PREFIXES.map((prefix) => ({
    prefix,
    formats: ["webp" as const],
    variants: [{ prefix: `out ${prefix}`, width: 20 }],
  }));
  const pipeline = await startPipeline({ config: defineConfig({ rules }), directory, report() {} });
  try {
    const Body = await readFile(join(ROOT, "samples/forest-stream.webp"));
    for (const prefix of PREFIXES) {
      await pipeline.s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key: `${prefix}a.webp`, Body }));
    }
    const made = async () => {
      const { Contents = [] } = await pipeline.s3.send(
        new ListObjectsV2Command({ Bucket: BUCKETS.thumbnails, Prefix: "out " }),
      );
      return Contents.map(({ Key }) => Key).toSorted();
    };
    const expected = PREFIXES.map((prefix) => `out ${prefix}a.webp`).toSorted();
    await vi.waitFor(async () => expect(await made()).toEqual(expected), 30_000);
  } finally {
    await pipeline.stop();
    await rm(directory, { recursive: true, force: true });
  }
}, 60_000);
