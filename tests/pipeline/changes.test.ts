import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { type LocalAws, startAws } from "@thumbsmith/aws-local";
import { createClient, createSubscriber, type Report } from "@thumbsmith/functions";
import { BUCKETS } from "@thumbsmith/local";
import { type ConfigInput, defineConfig, Manifest, notificationBody } from "@thumbsmith/shared";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { batchOf } from "./batch.ts";
import { ROOT } from "./run.ts";

type RuleInput = Partial<ConfigInput["rules"][number]>;

const small = { prefix: "small/", width: 40, height: 40 };
const large = { prefix: "large/", width: 120, format: "webp" as const };
const configOf = (rule: RuleInput, more: Partial<ConfigInput> = {}) =>
  defineConfig({ rules: [{ prefix: "uploads/", variants: [small, large], ...rule }], ...more });

let directory: string;
let aws: LocalAws;
let s3: S3Client;
let reports: Report[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-changes-"));
  aws = await startAws({ directory });
  s3 = createClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
  for (const Bucket of Object.values(BUCKETS)) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  }
  await upload("uploads/a.jpg", "mountain-sunset-baseline.jpg");
  await deploy({});
});
afterEach(async () => {
  s3.destroy();
  await aws.close();
  await rm(directory, { recursive: true, force: true });
});

async function upload(Key: string, sample: string) {
  const Body = await readFile(join(ROOT, "samples", sample));
  await s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key, Body }));
}

/** Applies another configuration, then reconciles every source, and the keys in `gone`. */
async function deploy(rule: RuleInput, more?: Partial<ConfigInput>, ...gone: string[]) {
  reports = [];
  const handle = createSubscriber({
    config: configOf(rule, more),
    environment: { UPLOADS_BUCKET: BUCKETS.uploads, THUMBNAILS_BUCKET: BUCKETS.thumbnails },
    client: s3,
    report: (each) => reports.push(each),
  });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKETS.uploads }));
  const keys = [...Contents.map(({ Key = "" }) => Key), ...gone];
  const bodies = keys.map((key) => notificationBody({ bucket: BUCKETS.uploads, key }));
  const answer = await handle(batchOf(bodies), { getRemainingTimeInMillis: () => 60_000 });
  expect(answer).toEqual({ batchItemFailures: [] });
}

async function read(key: string) {
  const found = await s3.send(new GetObjectCommand({ Bucket: BUCKETS.thumbnails, Key: key }));
  const bytes = Buffer.from((await found.Body?.transformToByteArray()) ?? []);
  return { bytes, version: found.VersionId, cacheControl: found.CacheControl, type: found.ContentType };
}

async function manifest() {
  const { bytes, version } = await read("manifests/uploads/a.jpg.json");
  const made = Manifest.parse(JSON.parse(bytes.toString()));
  if (made.outcome !== "made") throw new Error("Expected that it was made.");
  return { ...made, versionId: version };
}

/** The version of each of the three objects. Every write makes a new one. */
async function versions() {
  const [one, other, record] = await Promise.all([read("small/a.jpg"), read("large/a.jpg.webp"), manifest()]);
  return { small: one.version, large: other.version, manifest: record.versionId };
}

it("makes a new variant, and does not change the others", async () => {
  const before = await versions();
  await deploy({ variants: [small, { prefix: "tiny/", width: 9 }, large] });
  expect(await versions()).toEqual({
    ...before,
    manifest: expect.not.stringMatching(`^${before.manifest}$`),
  });
  const made = await manifest();
  expect(made.outputs.map(({ key, width }) => [key, width])).toEqual([
    ["small/a.jpg", 40],
    ["tiny/a.jpg", 9],
    ["large/a.jpg.webp", 120],
  ]);
  expect((await sharp((await read("tiny/a.jpg")).bytes).metadata()).width).toBe(9);
});

it("makes only the variant that changed again", async () => {
  const before = await versions();
  await deploy({ variants: [{ ...small, width: 50 }, large] });
  const after = await versions();
  expect(after.large).toBe(before.large);
  expect(after.small).not.toBe(before.small);
  expect((await sharp((await read("small/a.jpg")).bytes).metadata()).width).toBe(50);
});

it("changes a header without changing or decoding the bytes", async () => {
  const before = { ...(await versions()), bytes: (await read("small/a.jpg")).bytes };
  // With this limit, decoding would be rejected.
  await deploy({ variants: [{ ...small, cacheControl: "no-store" }, large] }, { limits: { pixels: 1 } });
  const { bytes, ...found } = await read("small/a.jpg");
  expect(bytes.equals(before.bytes)).toBe(true);
  expect(found).toMatchObject({ cacheControl: "no-store", type: "image/jpeg" });
  expect(found.version).not.toBe(before.small);
  expect((await versions()).large).toBe(before.large);
  expect((await manifest()).outputs).toMatchObject([{ cacheControl: "no-store" }, {}]);
});

it("writes only the manifest when a ThumbHash is added or dropped", async () => {
  const before = await versions();
  await deploy({ thumbHash: true });
  const { thumbHash, versionId } = await manifest();
  expect(Buffer.from(thumbHash ?? "", "base64").length).toBeGreaterThan(15);
  expect(await versions()).toEqual({ ...before, manifest: versionId });
  await deploy({});
  expect(await manifest()).not.toHaveProperty("thumbHash");
  expect(await versions()).toMatchObject({ small: before.small, large: before.large });
});

it("removes a variant without reading the source", async () => {
  const before = await versions();
  await deploy({ variants: [large] }, { retired: ["small/"], limits: { pixels: 1 } });
  await expect(read("small/a.jpg")).rejects.toThrow("does not exist");
  expect((await read("large/a.jpg.webp")).version).toBe(before.large);
  expect((await manifest()).outputs.map(({ key }) => key)).toEqual(["large/a.jpg.webp"]);
});

it.each<[string, RuleInput]>([
  ["another order of variants", { variants: [large, small] }],
  ["a format that the rule accepts in addition", { formats: ["jpeg", "png"] }],
])("writes nothing for %s", async (_, rule) => {
  const before = await versions();
  await deploy(rule);
  expect(reports.map(({ outcome }) => outcome?.result)).toEqual(["current"]);
  expect(await versions()).toEqual(before);
});

it("rejects a source whose bytes the rule no longer accepts", async () => {
  await upload("uploads/b.jpg", "forest-stream.webp");
  await deploy({});
  await deploy({ formats: ["jpeg"] });
  const { bytes } = await read("manifests/uploads/b.jpg.json");
  expect(JSON.parse(bytes.toString())).toMatchObject({ reason: { code: "format-not-accepted" } });
  await expect(read("small/b.jpg")).rejects.toThrow("does not exist");
});

/** The manifest that release 0.1 would have written. */
const writtenBefore = (made: Extract<Manifest, { outcome: "made" }>, config: string) => ({
  ...{ version: 1, config, madeAt: made.madeAt, release: "0.1.0", outcome: "made", source: made.source },
  outputs: made.outputs.map(({ key, etag, format, width, height, bytes }) => ({
    key,
    etag,
    format,
    width,
    height,
    bytes,
  })),
});

async function putManifest(body: object) {
  const at = { Bucket: BUCKETS.thumbnails, Key: "manifests/uploads/a.jpg.json" };
  await s3.send(new PutObjectCommand({ ...at, Body: JSON.stringify(body) }));
}

it("writes nothing for what release 0.1 made with the default configuration", async () => {
  const standard = { prefix: "thumbnails/", width: 150, height: 150 };
  await deploy({ variants: [standard] }, { retired: ["small/", "large/"] });
  const [record] = (await manifest()).outputs;
  await putManifest(writtenBefore(await manifest(), "77a24c2412248b31"));
  const { versionId } = await manifest();
  await deploy({ variants: [standard] });
  expect(reports.map(({ outcome }) => outcome?.result)).toEqual(["current"]);
  expect((await manifest()).versionId).toBe(versionId);

  await deploy({ variants: [standard, large] });
  expect((await manifest()).outputs).toMatchObject([
    { etag: record?.etag, made: record?.made },
    { width: 120 },
  ]);

  await putManifest(writtenBefore(await manifest(), "of some other rule"));
  const before = await read("thumbnails/a.jpg");
  await deploy({ variants: [standard, large] });
  expect((await read("thumbnails/a.jpg")).version).not.toBe(before.version);
});

describe("outputs that a rule keeps when their source is deleted", () => {
  const key = "uploads/a.jpg";
  const keep = { whenDeleted: "keep" as const };
  const remove = () => s3.send(new DeleteObjectCommand({ Bucket: BUCKETS.uploads, Key: key }));

  it("stay, byte for byte, and are replaced by a later upload", async () => {
    const before = await versions();
    await remove();
    await deploy(keep, {}, key);
    expect(reports.map(({ outcome }) => outcome?.result)).toEqual(["current"]);
    expect(await versions()).toEqual(before);
    await upload(key, "paint-brushes-display-p3.jpg");
    await deploy(keep);
    expect((await versions()).small).not.toBe(before.small);
  });

  it("stay unchanged when their variant changes, and are removed with it", async () => {
    const before = await versions();
    await remove();
    const changed = [
      { ...small, width: 9, cacheControl: "no-store" },
      { ...large, width: 9 },
    ];
    await deploy({ ...keep, variants: changed }, {}, key);
    expect(await versions()).toEqual(before);
    await deploy({ ...keep, variants: [large] }, { retired: ["small/"] }, key);
    await expect(read("small/a.jpg")).rejects.toThrow("does not exist");
    expect((await read("large/a.jpg.webp")).version).toBe(before.large);
    expect((await manifest()).outputs.map((output) => output.key)).toEqual(["large/a.jpg.webp"]);
  });

  it("are removed when the rule no longer keeps them, or no longer reads their source", async () => {
    await remove();
    await deploy({ ...keep, formats: ["png"] }, {}, key);
    await expect(read("small/a.jpg")).rejects.toThrow("does not exist");
    await expect(manifest()).rejects.toThrow("does not exist");
  });

  it("do not include a canary's outputs, or the manifest of a rejection", async () => {
    await upload("uploads/thumbsmith-canary-1.jpg", "mountain-sunset-baseline.jpg");
    await upload(key, "not-an-image.jpg");
    await deploy(keep);
    await remove();
    const canary = "uploads/thumbsmith-canary-1.jpg";
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKETS.uploads, Key: canary }));
    await deploy(keep, {}, key, canary);
    const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKETS.thumbnails }));
    expect(KeyCount).toBe(0);
  });
});
