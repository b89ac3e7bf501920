import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { BUCKETS, type Pipeline, readConfig, startPipeline } from "@thumbsmith/local";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";

const CONFIG = fileURLToPath(new URL("thumbsmith.config.ts", import.meta.url));

let directory: string;
let pipeline: Pipeline;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-examples-"));
  // Bundled, as in `pnpm local` and in the function.
  pipeline = await startPipeline({ config: await readConfig(CONFIG), directory, report() {} });
  const meadow = await readFile(new URL("../../samples/autumn-meadow-baseline.jpg", import.meta.url));
  const blue = (side: number) =>
    sharp({ create: { width: side, height: side, channels: 3, background: "#0000ff" } })
      .png()
      .toBuffer();
  for (const [Key, Body] of [
    ["uploads/meadow.jpg", meadow],
    ["uploads/blue.png", await blue(400)],
    ["uploads/small.png", await blue(20)],
  ] as const)
    await pipeline.s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key, Body }));
  while ((await pipeline.backlog()).waiting > 0) await delay(20);
});
afterAll(async () => {
  await pipeline.stop();
  await rm(directory, { recursive: true, force: true });
});

async function pixelsOf(Key: string) {
  const { Body } = await pipeline.s3.send(new GetObjectCommand({ Bucket: BUCKETS.thumbnails, Key }));
  const { data, info } = await sharp(await Body?.transformToByteArray())
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [
    ...data.subarray(4 * (y * info.width + x), 4 * (y * info.width + x) + 4),
  ];
  return { ...info, at };
}

it("puts the mark into a corner, unless the image is too small for it", async () => {
  const { at, width, height } = await pixelsOf("marked/blue.png");
  // Four fifths of white on blue, at the ring's left, and its middle.
  expect(at(width - 28, height - 16)).toEqual([204, 204, 255, 255]);
  expect(at(width - 16, height - 16)).toEqual([0, 0, 255, 255]);
  expect(at(10, 10)).toEqual([0, 0, 255, 255]);
  expect(await pixelsOf("marked/small.png")).toMatchObject({ width: 20, height: 20 });
});

it("cuts off an avatar's corners", async () => {
  const { at, width } = await pixelsOf("avatars/meadow.jpg.png");
  expect(width).toBe(96);
  expect([at(0, 0)[3], at(48, 48)[3], at(48, 1)[3], at(95, 95)[3]]).toEqual([0, 255, 255, 0]);
  expect((await pixelsOf("avatars/small.png")).at(0, 0)[3]).toBe(0);
});

it("makes a cover grey", async () => {
  const { at } = await pixelsOf("covers/meadow.jpg.webp");
  for (const [x, y] of [
    [10, 10],
    [160, 90],
    [310, 170],
  ] as const) {
    const [red = 0, green = 0, blue = 0] = at(x, y);
    expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThan(4);
  }
});

it("draws a strip at the bottom of a banner", async () => {
  const { at } = await pixelsOf("banners/blue.png");
  expect(at(160, 50)).toEqual([0, 0, 255, 255]);
  expect(at(160, 97)[0]).toBeGreaterThan(15);
  expect((await pixelsOf("banners/small.png")).width).toBe(20);
});

it("can be read without loading sharp, as by a deployment", async () => {
  const script = `
    await import(${JSON.stringify(CONFIG)});
    const { sharedObjects } = process.report.getReport();
    console.log(JSON.stringify(sharedObjects.filter((file) => /sharp|vips/.test(file))));
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "-e", script],
    { cwd: fileURLToPath(new URL("../..", import.meta.url)) },
  );
  expect(JSON.parse(stdout)).toEqual([]);
});
