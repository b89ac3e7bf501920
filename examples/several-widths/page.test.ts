import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { BUCKETS, type Pipeline, startPipeline } from "@thumbsmith/local";
import { manifestKey, parseManifest } from "@thumbsmith/shared";
import { outputsOf, srcsetOf } from "@thumbsmith/shared/keys";
import { afterAll, beforeAll, expect, it } from "vitest";
import { imageOf } from "./page.ts";
import { rules } from "./rules.ts";
import config from "./thumbsmith.config.ts";

const BASE = "https://img.example.com";
/** This image is 2400 pixels wide, which is less than the widest variant. */
const SAMPLE = new URL("../../samples/autumn-meadow-baseline.jpg", import.meta.url);
const key = "uploads/my meadow.jpg";

let directory: string;
let pipeline: Pipeline;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-examples-"));
  pipeline = await startPipeline({ config, directory, report() {} });
  const Body = await readFile(SAMPLE);
  await pipeline.s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key: key, Body }));
  while ((await pipeline.backlog()).waiting > 0) await delay(20);
});
afterAll(async () => {
  await pipeline.stop();
  await rm(directory, { recursive: true, force: true });
});

it("computes the URLs of all widths from the upload's key", async () => {
  const widths = [320, 640, 1280, 2560];
  expect(imageOf(BASE, key)).toEqual({
    src: `${BASE}/widths/320/my%20meadow.jpg.webp`,
    srcset: widths.map((width) => `${BASE}/widths/${width}/my%20meadow.jpg.webp ${width}w`).join(", "),
    sizes: "100vw",
  });
  expect(imageOf(BASE, "uploads/notes.txt")).toBeUndefined();
  for (const { key: Key } of outputsOf({ rules }, key)) {
    const head = await pipeline.s3.send(new HeadObjectCommand({ Bucket: BUCKETS.thumbnails, Key }));
    expect(head.ContentType).toBe("image/webp");
  }
});

it("takes the true widths and the ETags from the manifest", async () => {
  const at = { Bucket: BUCKETS.thumbnails, Key: manifestKey(key) };
  const { Body } = await pipeline.s3.send(new GetObjectCommand(at));
  const manifest = parseManifest((await Body?.transformToString()) ?? "");
  if (manifest?.outcome !== "made") throw new Error("Expected it to be made.");
  expect(srcsetOf(BASE, manifest.outputs).replaceAll(/\?v=[0-9a-f]+ /g, "?v=… ")).toBe(
    [320, 640, 1280, 2400]
      .map((width) => `${BASE}/widths/${width === 2400 ? 2560 : width}/my%20meadow.jpg.webp?v=… ${width}w`)
      .join(", "),
  );
});
