import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type LocalAws, startAws } from "@thumbsmith/aws-local";
import { ruleOf } from "@thumbsmith/shared";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import config from "../../thumbsmith.config.ts";
import { post, put } from "./browser.ts";
import { newKey, resultOf, signGet, signPost, signPut } from "./handler.ts";

const Bucket = "uploads";
const picture = new Blob(["picture"], { type: "image/jpeg" });
const wish = { type: picture.type, bytes: picture.size };

let directory: string;
let aws: LocalAws;
let s3: S3Client;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-application-"));
  aws = await startAws({ directory });
  const { endpoint, region, credentials } = aws;
  s3 = new S3Client({
    ...{ endpoint, region, credentials, forcePathStyle: true },
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  s3.destroy();
  await aws.close();
  await rm(directory, { recursive: true });
});

const stored = (Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key }));

it("gives uploads unique keys that a rule accepts", () => {
  const keys = ["image/jpeg", "image/png", "image/webp", "image/webp"].map((type) => newKey("kim", type));
  for (const key of keys) expect(ruleOf(config, key)).toBeDefined();
  expect(new Set(keys).size).toBe(4);
  expect(() => newKey("kim", "image/heic")).toThrow("Expected one of image/jpeg, image/png, image/webp");
});

describe("a URL for a PUT", () => {
  it("accepts the file", async () => {
    await put(picture, await signPut(s3, Bucket, "uploads/kim/put.jpg", wish));
    expect(await stored("uploads/kim/put.jpg")).toMatchObject({
      ContentType: "image/jpeg",
      ContentLength: 7,
    });
  });

  it.each([
    ["another type", new Blob(["picture"], { type: "text/html" })],
    ["another length", new Blob(["a longer picture"], { type: "image/jpeg" })],
  ])("refuses %s", async (_, file) => {
    const url = await signPut(s3, Bucket, "uploads/kim/refused.jpg", wish);
    await expect(put(file, url)).rejects.toThrow("SignatureDoesNotMatch");
    await expect(stored("uploads/kim/refused.jpg")).rejects.toThrow();
  });

  it("is not made for a file that is too large", () => {
    expect(() => signPut(s3, Bucket, "uploads/a.jpg", { ...wish, bytes: 20_000_001 })).toThrow(/at most/);
  });
});

describe("a form for a POST", () => {
  it("accepts the file", async () => {
    await post(picture, await signPost(s3, Bucket, "uploads/kim/post.jpg", wish));
    expect(await stored("uploads/kim/post.jpg")).toMatchObject({ ContentType: "image/jpeg" });
  });

  it("refuses an empty file", async () => {
    const form = await signPost(s3, Bucket, "uploads/kim/empty.jpg", wish);
    await expect(post(new Blob([]), form)).rejects.toThrow("EntityTooSmall");
  });

  it("refuses another key", async () => {
    const { url, fields } = await signPost(s3, Bucket, "uploads/kim/a.jpg", wish);
    const form = { url, fields: { ...fields, key: "uploads/ann/a.jpg" } };
    await expect(post(picture, form)).rejects.toThrow("AccessDenied");
  });
});

it("has no result for an upload before its manifest is written", async () => {
  expect(await resultOf(s3, Bucket, "uploads/kim/new.jpg")).toBeUndefined();
});

it("signs the URL of a thumbnail, which anyone can open", async () => {
  const Key = "thumbnails/kim/tom & é.jpg";
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: "small" }));
  expect(await (await fetch(await signGet(s3, Bucket, Key))).text()).toBe("small");
});
