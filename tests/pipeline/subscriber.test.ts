import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { type LocalAws, startAws } from "@thumbsmith/aws-local";
import { createClient, createSubscriber, type Report } from "@thumbsmith/functions";
import { type ConfigInput, defineConfig, notificationBody } from "@thumbsmith/shared";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { batchOf } from "./batch.ts";
import { ROOT } from "./run.ts";

const UPLOADS = "the-uploads";
const THUMBNAILS = "the-thumbnails";

let directory: string;
let aws: LocalAws;
let s3: S3Client;
let reports: Report[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-subscriber-"));
  aws = await startAws({ directory });
  s3 = createClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
  for (const Bucket of [UPLOADS, THUMBNAILS]) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  }
  reports = [];
});
afterEach(async () => {
  s3.destroy();
  await aws.close();
  await rm(directory, { recursive: true, force: true });
});

const variant = { prefix: "thumbnails/", width: 40, height: 40 };

function subscriberOf(
  rules: ConfigInput["rules"] = [{ prefix: "uploads/", variants: [variant] }],
  retired: string[] = [],
) {
  const handle = createSubscriber({
    config: defineConfig({ rules, retired }),
    environment: { UPLOADS_BUCKET: UPLOADS, THUMBNAILS_BUCKET: THUMBNAILS },
    client: s3,
    report: (report) => reports.push(report),
  });
  return (bodies: string[], milliseconds = 60_000) =>
    handle(batchOf(bodies), { getRemainingTimeInMillis: () => milliseconds });
}

const event = (key: string, bucket = UPLOADS) =>
  notificationBody({ bucket, key, event: "ObjectCreated:Put" });
const failed = (...numbers: number[]) => ({
  batchItemFailures: numbers.map((n) => ({ itemIdentifier: `m${n}` })),
});
const plain = (background: string) =>
  sharp({ create: { width: 80, height: 60, channels: 3, background } })
    .jpeg()
    .toBuffer();

async function upload(key: string, body: Uint8Array | string): Promise<string | undefined> {
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: UPLOADS, Key: key, Body: body }));
  return VersionId;
}

async function outputs(): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: THUMBNAILS }));
  return Contents.map(({ Key = "" }) => Key);
}

async function colourOf(key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: THUMBNAILS, Key: key }));
  const { dominant } = await sharp(await Body?.transformToByteArray()).stats();
  return dominant.r > dominant.b ? "red" : "blue";
}

it("names the Content-Encoding, if the bytes are not an image", async () => {
  const Body = gzipSync(await plain("red"));
  const Key = "uploads/packed.jpg";
  await s3.send(new PutObjectCommand({ Bucket: UPLOADS, Key, Body, ContentEncoding: "gzip" }));
  expect(await subscriberOf()([event(Key)])).toEqual(failed());
  expect(reports[0]?.outcome?.manifest).toMatchObject({
    outcome: "rejected",
    reason: {
      code: "not-an-image",
      message:
        "Expected the bytes of an image, found none under Content-Encoding: gzip. Upload the image without it.",
    },
  });
});

describe("a batch", () => {
  it("that is empty is answered", async () => {
    expect(await subscriberOf()([])).toEqual(failed());
  });

  it("handles the other messages if one is malformed", async () => {
    const red = await plain("red");
    for (let i = 0; i < 10; i++) await upload(`uploads/${i}.jpg`, red);
    const bodies = Array.from({ length: 10 }, (_, i) => (i === 4 ? "poison" : event(`uploads/${i}.jpg`)));
    expect(await subscriberOf()(bodies)).toEqual(failed(4));
    expect((await outputs()).filter((key) => key.startsWith("thumbnails/"))).toHaveLength(9);
  });

  it.each<[string, string, number[], string | undefined]>([
    ["a malformed body", "{", [0], "invalid-message"],
    ["a body that is not an event", '{"hello":"world"}', [0], "invalid-message"],
    ["S3's test event", '{"Service":"Amazon S3","Event":"s3:TestEvent"}', [], undefined],
    ["an event of another bucket", event("uploads/a.jpg", "another-bucket"), [0], "wrong-bucket"],
    ["a key that no rule reads", event("elsewhere/a.jpg"), [], undefined],
    [
      "a key that cannot be decoded",
      event("uploads/a.jpg").replace('"key":"', '"key":"%zz'),
      [],
      "invalid-key",
    ],
    [
      "an event of an unknown kind",
      event("uploads/gone.jpg").replace("Created:Put", "Tagging:Put"),
      [],
      undefined,
    ],
  ])("answers %s", async (_, body, numbers, code) => {
    expect(await subscriberOf()([body])).toEqual(failed(...numbers));
    expect(reports.find(({ error }) => error)?.error?.code).toBe(code);
    expect(await outputs()).toEqual([]);
  });

  it("reconciles a key once if two messages name it", async () => {
    await upload("uploads/a.jpg", await plain("red"));
    expect(await subscriberOf()([event("uploads/a.jpg"), event("uploads/a.jpg")])).toEqual(failed());
    expect(reports).toHaveLength(1);
  });

  it("handles every record of a message, and fails the message if one fails", async () => {
    await upload("uploads/a.jpg", await plain("red"));
    const { Records } = JSON.parse(event("uploads/a.jpg"));
    const [other] = JSON.parse(event("uploads/b.jpg", "another-bucket")).Records;
    expect(await subscriberOf()([JSON.stringify({ Records: [other, ...Records] })])).toEqual(failed(0));
    expect(await outputs()).toContain("thumbnails/a.jpg");
  });

  it("returns messages to the queue if there is no time to begin", async () => {
    await upload("uploads/a.jpg", await plain("red"));
    expect(await subscriberOf()([event("uploads/a.jpg")], 4_000)).toEqual(failed(0));
    expect(reports).toMatchObject([{ error: { code: "out-of-time" } }]);
  });

  it("fails if a bucket is missing, instead of treating its sources as deleted", async () => {
    await upload("uploads/a.jpg", await plain("red"));
    await subscriberOf()([event("uploads/a.jpg")]);
    await rm(join(directory, UPLOADS), { recursive: true });
    await aws.close();
    await rm(join(directory, ".s3", UPLOADS), { recursive: true });
    aws = await startAws({ directory, port: Number(new URL(aws.endpoint).port) });
    expect(await subscriberOf()([event("uploads/a.jpg")])).toEqual(failed(0));
    expect(reports.at(-1)?.error?.code).toBe("bucket-missing");
    expect(await outputs()).toContain("thumbnails/a.jpg");
  });
});

describe("a source", () => {
  const key = "uploads/a.jpg";
  const handleEvent = (...args: Parameters<typeof subscriberOf>) => subscriberOf(...args)([event(key)]);

  it("has one thumbnail, even if its event comes several times", async () => {
    await upload(key, await plain("red"));
    await handleEvent();
    await handleEvent();
    expect(reports.map(({ outcome }) => outcome?.result)).toEqual(["made", "current"]);
    expect(await outputs()).toEqual(["manifests/uploads/a.jpg.json", "thumbnails/a.jpg"]);
  });

  it("is recorded with the Content-Type of each output, but is also current without, as in release 0.1", async () => {
    const rules: ConfigInput["rules"] = [
      { prefix: "uploads/", variants: [variant, { prefix: "covers/", width: 9, format: "webp" }] },
    ];
    await upload(key, await plain("red"));
    await handleEvent(rules);
    const at = { Bucket: THUMBNAILS, Key: "manifests/uploads/a.jpg.json" };
    const manifest = JSON.parse(
      (await (await s3.send(new GetObjectCommand(at))).Body?.transformToString()) ?? "",
    );
    const types = (await Promise.all(
      manifest.outputs.map(({ key: Key }: { key: string }) => s3.send(new GetObjectCommand({ ...at, Key }))),
    )) as GetObjectCommandOutput[];
    expect(manifest.outputs).toMatchObject([{ contentType: "image/jpeg" }, { contentType: "image/webp" }]);
    expect(types.map(({ ContentType }) => ContentType)).toEqual(["image/jpeg", "image/webp"]);

    for (const output of manifest.outputs) delete output.contentType;
    await s3.send(new PutObjectCommand({ ...at, Body: JSON.stringify(manifest) }));
    await handleEvent(rules);
    expect(reports.at(-1)?.outcome?.result).toBe("current");
  });

  it("that is overwritten, deleted and restored has its thumbnail updated each time", async () => {
    const red = await upload(key, await plain("red"));
    await handleEvent();
    expect(await colourOf("thumbnails/a.jpg")).toBe("red");

    const blue = await upload(key, await plain("blue"));
    await handleEvent();
    expect(await colourOf("thumbnails/a.jpg")).toBe("blue");

    await s3.send(new DeleteObjectCommand({ Bucket: UPLOADS, Key: key }));
    await handleEvent();
    expect(await outputs()).toEqual([]);

    const { VersionId: marker } = await s3.send(new DeleteObjectCommand({ Bucket: UPLOADS, Key: key }));
    await s3.send(new DeleteObjectCommand({ Bucket: UPLOADS, Key: key, VersionId: marker }));
    await handleEvent();
    expect(await outputs()).toEqual([]);

    expect(red).not.toBe(blue);
    await upload(key, await plain("red"));
    await handleEvent();
    expect(await colourOf("thumbnails/a.jpg")).toBe("red");
  });

  it("that is replaced by a file that is not an image loses its thumbnail, and its manifest says why", async () => {
    await upload(key, await plain("red"));
    await handleEvent();
    await upload(key, "not an image");
    await handleEvent();
    expect(reports.at(-1)?.outcome?.manifest).toMatchObject({
      outcome: "rejected",
      reason: { code: "not-an-image" },
    });
    expect(await outputs()).toEqual(["manifests/uploads/a.jpg.json"]);
  });

  it("is made again when the config changes, and loses removed variants", async () => {
    await upload(key, await readFile(join(ROOT, "samples/paint-brushes-display-p3.jpg")));
    const cover = { prefix: "covers/", width: 90, format: "webp" as const };
    await handleEvent([{ prefix: "uploads/", variants: [variant, cover] }]);
    expect(await outputs()).toContain("covers/a.jpg.webp");
    await handleEvent([{ prefix: "uploads/", variants: [variant] }], ["covers/"]);
    expect(await outputs()).toEqual(["manifests/uploads/a.jpg.json", "thumbnails/a.jpg"]);
  });

  it.each([
    ["too long for an output's key", `uploads/${"u".repeat(1_012)}.jpg`, "key-too-long"],
    ['one with a ".." segment', "uploads/../a.jpg", "invalid-key"],
  ])("whose key is %s is rejected with a manifest", async (_, odd, code) => {
    await upload(odd, await plain("red"));
    expect(await subscriberOf()([event(odd)])).toEqual(failed());
    expect(reports.at(-1)?.outcome?.manifest).toMatchObject({ source: { key: odd }, reason: { code } });
    expect(await outputs()).toEqual([expect.stringMatching(/^manifests\/[0-9a-f]{64}\.json$/)]);
  });
});
