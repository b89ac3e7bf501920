import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { BUCKETS, type Pipeline, startPipeline } from "@thumbsmith/local";
import { type ConfigInput, defineConfig, Manifest, manifestKey } from "@thumbsmith/shared";
import sharp from "sharp";
import { afterEach, expect, it, vi } from "vitest";
import { ROOT } from "./run.ts";

// What a variant asks for is seen in what lies in the bucket after an upload's event.

let pipeline: Pipeline;
let directory: string;
afterEach(async () => {
  await pipeline.stop();
  await rm(directory, { recursive: true, force: true });
});

type VariantInput = ConfigInput["rules"][number]["variants"][number];

async function start(...variants: VariantInput[]) {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-variants-"));
  const config = defineConfig({ rules: [{ prefix: "uploads/", variants }] });
  pipeline = await startPipeline({ config, directory, report() {} });
}

async function read(Key: string): Promise<Buffer> {
  const { Body } = await pipeline.s3.send(new GetObjectCommand({ Bucket: BUCKETS.thumbnails, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

/** @returns the manifest that the upload's event leads to */
async function upload(Key: string, Body: Uint8Array, Metadata?: Record<string, string>): Promise<Manifest> {
  await pipeline.s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key, Body, Metadata }));
  const body = await vi.waitFor(() => read(manifestKey(Key)), { timeout: 20_000, interval: 50 });
  return Manifest.parse(JSON.parse(body.toString()));
}

it("encodes as its variant says", async () => {
  await start(
    {
      prefix: "photos/",
      width: 60,
      height: 60,
      format: "jpeg",
      progressive: true,
      chromaSubsampling: "4:4:4",
    },
    { prefix: "icons/", width: 60, height: 60, format: "png", palette: true, effort: 1 },
  );
  await upload("uploads/a.jpg", await readFile(join(ROOT, "samples/mountain-sunset-baseline.jpg")));
  expect(await sharp(await read("photos/a.jpg")).metadata()).toMatchObject({
    isProgressive: true,
    chromaSubsampling: "4:4:4",
  });
  expect(await sharp(await read("icons/a.jpg.png")).metadata()).toMatchObject({ isPalette: true });
}, 60_000);
