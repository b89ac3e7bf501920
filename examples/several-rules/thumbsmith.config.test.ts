import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { BUCKETS, type Pipeline, startPipeline } from "@thumbsmith/local";
import { manifestKey, parseManifest } from "@thumbsmith/shared";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import config from "./thumbsmith.config.ts";

const SAMPLES = new URL("../../samples/", import.meta.url);

/** Uploads and their expected outputs. The meadow is 2400 × 1598, the dogs are 2056 × 3088 when upright. */
const uploads: [key: string, sample: string, outputs: Record<string, string>][] = [
  [
    "uploads/2026/meadow.jpg",
    "autumn-meadow-baseline.jpg",
    { "thumbnails/2026/meadow.jpg": "jpeg 150 × 150" },
  ],
  [
    "uploads/avatars/kim.jpg",
    "two-spaniels-exif-rotated.jpg",
    { "avatars/small/kim.jpg.webp": "webp 48 × 48", "avatars/large/kim.jpg.webp": "webp 256 × 256" },
  ],
  [
    "uploads/covers/meadow.jpg",
    "autumn-meadow-baseline.jpg",
    { "covers/wide/meadow.jpg.webp": "webp 1280 × 400", "covers/phone/meadow.jpg.avif": "avif 640 × 426" },
  ],
];

let directory: string;
let pipeline: Pipeline;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-examples-"));
  pipeline = await startPipeline({ config, directory, report() {} });
  for (const [Key, sample] of uploads) {
    const Body = await readFile(new URL(sample, SAMPLES));
    await pipeline.s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key, Body }));
  }
  // An image in a format that the rule of avatars does not accept.
  await pipeline.s3.send(
    new PutObjectCommand({ Bucket: BUCKETS.uploads, Key: "uploads/avatars/kim.gif", Body: "GIF89a" }),
  );
  while ((await pipeline.backlog()).waiting > 0) await delay(20);
});
afterAll(async () => {
  await pipeline.stop();
  await rm(directory, { recursive: true, force: true });
});

async function read(Key: string) {
  const { Body, CacheControl } = await pipeline.s3.send(
    new GetObjectCommand({ Bucket: BUCKETS.thumbnails, Key }),
  );
  return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), CacheControl };
}

it.each(uploads)("makes the outputs of %s that its rule says", async (key, _sample, expected) => {
  const manifest = parseManifest(Buffer.from((await read(manifestKey(key))).bytes).toString());
  if (manifest?.outcome !== "made") throw new Error(`Expected outputs of ${key}.`);
  const found = await Promise.all(
    manifest.outputs.map(async ({ key }) => {
      const { format, width, height, compression } = await sharp((await read(key)).bytes).metadata();
      return [key, `${compression === "av1" ? "avif" : format} ${width} × ${height}`];
    }),
  );
  expect(Object.fromEntries(found)).toEqual(expected);
});

it("puts a ThumbHash into the manifests of covers only", async () => {
  const hashes = await Promise.all(
    uploads.map(async ([key]) => {
      const manifest = parseManifest(Buffer.from((await read(manifestKey(key))).bytes).toString());
      return manifest?.outcome === "made" && manifest.thumbHash !== undefined;
    }),
  );
  expect(hashes).toEqual([false, false, true]);
});

it("lets browsers keep covers for a year", async () => {
  expect((await read("covers/phone/meadow.jpg.avif")).CacheControl).toBe("public, max-age=31536000");
});

it("makes nothing of an avatar in a format that the rule does not accept", async () => {
  await expect(read(manifestKey("uploads/avatars/kim.gif"))).rejects.toThrow(
    "The specified key does not exist",
  );
});
