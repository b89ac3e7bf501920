import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CopyObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { Report } from "@thumbsmith/functions";
import { BUCKETS, type Pipeline, startPipeline } from "@thumbsmith/local";
import { type ConfigInput, defineConfig, Manifest, manifestKey } from "@thumbsmith/shared";
import sharp, { type Sharp } from "sharp";
import { afterEach, expect, it, vi } from "vitest";
import { ROOT } from "./run.ts";

// The fields of variants, as they show in the outputs after an upload's event.

let pipeline: Pipeline;
let directory: string;
let reports: Report[];
afterEach(async () => {
  await pipeline.stop();
  await rm(directory, { recursive: true, force: true });
});

type VariantInput = ConfigInput["rules"][number]["variants"][number];

async function start(...variants: VariantInput[]) {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-variants-"));
  const config = defineConfig({ rules: [{ prefix: "uploads/", variants }] });
  reports = [];
  pipeline = await startPipeline({ config, directory, report: (report) => reports.push(report) });
}

async function read(Key: string): Promise<Buffer> {
  const { Body } = await pipeline.s3.send(new GetObjectCommand({ Bucket: BUCKETS.thumbnails, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

/** Uploads a source, and handles its event. @returns its manifest */
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

it("keeps the focus that an upload names, and notes one that is invalid", async () => {
  await start({ prefix: "cards/", width: 40, height: 40, format: "png", position: "focus" });
  const halves = Buffer.from(
    Array.from({ length: 120 * 40 }, (_, i) => (i % 120 < 40 ? [255, 0, 0] : [0, 0, 255])).flat(),
  );
  const picture = await sharp(halves, { raw: { width: 120, height: 40, channels: 3 } })
    .png()
    .toBuffer();
  const colourOf = async (key: string) => {
    const { dominant } = await sharp(await read(key)).stats();
    return dominant.r > dominant.b ? "red" : "blue";
  };
  expect(await upload("uploads/named.png", picture, { focus: "0.16,0.5" })).not.toHaveProperty("notes");
  expect(await colourOf("cards/named.png")).toBe("red");
  expect(await upload("uploads/none.png", picture)).not.toHaveProperty("notes");
  expect(await colourOf("cards/none.png")).toBe("blue");
  expect(await upload("uploads/odd.png", picture, { focus: "left" })).toMatchObject({
    notes: [
      'x-amz-meta-focus: expected fractions of width and height such as "0.31,0.2", found "left". The centre was kept.',
    ],
  });
  expect(await colourOf("cards/odd.png")).toBe("blue");
}, 60_000);

it("applies a new focus when the upload is copied onto itself with other metadata", async () => {
  await start({ prefix: "cards/", width: 40, height: 40, format: "png", position: "focus" });
  const halves = Buffer.from(
    Array.from({ length: 80 * 40 }, (_, i) => (i % 80 < 40 ? [255, 0, 0] : [0, 0, 255])).flat(),
  );
  const picture = await sharp(halves, { raw: { width: 80, height: 40, channels: 3 } })
    .png()
    .toBuffer();
  const Key = "uploads/a.png";
  await upload(Key, picture, { focus: "0,0" });
  await pipeline.s3.send(
    new CopyObjectCommand({
      ...{ Bucket: BUCKETS.uploads, Key, CopySource: `${BUCKETS.uploads}/${Key}` },
      ...{ Metadata: { focus: "1,0" }, MetadataDirective: "REPLACE" },
    }),
  );
  await vi.waitFor(
    async () => expect((await sharp(await read("cards/a.png")).stats()).dominant.b).toBeGreaterThan(200),
    20_000,
  );
}, 60_000);

it("makes an upload a dead letter if its edit fails, and makes the other uploads", async () => {
  const apply = (image: Sharp, { width }: { width: number }) => {
    if (width < 40) throw new Error("too small for my mark");
    return image.greyscale();
  };
  await start({ prefix: "marked/", width: 40, height: 40, format: "png", edit: { name: "mark-1", apply } });
  const red = (width: number) =>
    sharp({ create: { width, height: width, channels: 3, background: "red" } })
      .png()
      .toBuffer();
  await pipeline.s3.send(
    new PutObjectCommand({ Bucket: BUCKETS.uploads, Key: "uploads/small.png", Body: await red(20) }),
  );
  await upload("uploads/large.png", await red(60));
  const { channels } = await sharp(await read("marked/large.png")).stats();
  expect(new Set(channels.map(({ mean }) => Math.round(mean))).size).toBe(1);

  await vi.waitFor(
    async () => expect(await pipeline.backlog()).toEqual({ waiting: 0, deadLetters: 1 }),
    90_000,
  );
  const { error } = reports.find(({ job }) => job.key === "uploads/small.png") ?? {};
  expect(error).toMatchObject({
    ...{ code: "edit-failed", kind: "failed" },
    message: 'The edit "mark-1" failed: too small for my mark',
  });
  await expect(read(manifestKey("uploads/small.png"))).rejects.toThrow("does not exist");
}, 120_000);
