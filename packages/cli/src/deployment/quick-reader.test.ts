import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { LOCAL_ACCESS, type LocalAws, startAws } from "@thumbsmith/aws-local";
import { createClient, createStore } from "@thumbsmith/functions";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createQuickReader } from "./quick-reader.ts";

const Bucket = "thumbnails-bucket";
const KEYS = [
  "manifests/uploads/a.jpg.json",
  "manifests/b c+é/😀.json",
  "manifests/!'()*~-_.json",
  "manifests//?#&=%2F@:,;$.json",
];
const TEN = 10;

let directory: string;
let aws: LocalAws;
let s3: S3Client;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-reader-"));
  aws = await startAws({ directory });
  s3 = createClient({ ...LOCAL_ACCESS, endpoint: aws.endpoint });
  await s3.send(new CreateBucketCommand({ Bucket }));
  for (const Key of KEYS) await s3.send(new PutObjectCommand({ Bucket, Key, Body: "0123456789" }));
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  s3.destroy();
  await aws.close();
  await rm(directory, { recursive: true });
});

describe("the quick reader", () => {
  it.each(KEYS)("reads %s as the SDK does, without calling it", async (key) => {
    const { etag, bytes, body } = (await createStore(s3, Bucket).get(key, TEN)) ?? {};
    const reader = await createQuickReader(s3, Bucket);
    const send = vi.spyOn(s3, "send");
    expect(await reader.get(key, TEN)).toEqual({ etag, bytes, body });
    expect(send).not.toHaveBeenCalled();
  });

  it("falls back to the SDK when there is no object, or one that is too large", async () => {
    const reader = await createQuickReader(s3, Bucket);
    expect(await reader.get("manifests/gone.json", TEN)).toBeUndefined();
    const large = await reader.get(KEYS[0] ?? "", TEN - 1);
    expect(large).toMatchObject({ bytes: TEN });
    expect(large).not.toHaveProperty("body");
  });

  it("falls back to the SDK when its own request fails", async () => {
    const reader = await createQuickReader(s3, Bucket);
    vi.spyOn(s3.config.requestHandler, "handle").mockRejectedValueOnce(new Error("socket hang up"));
    expect(await reader.get(KEYS[0] ?? "", TEN)).toMatchObject({ bytes: TEN });
  });

  it("reports an error as the SDK does", async () => {
    const reader = await createQuickReader(s3, "no-such-bucket");
    await expect(reader.get("a", TEN)).rejects.toMatchObject({ code: "bucket-missing" });
  });

  it.each([
    ["eu-central-1", "thumbnails-bucket.s3.eu-central-1.amazonaws.com"],
    ["cn-north-1", "thumbnails-bucket.s3.cn-north-1.amazonaws.com.cn"],
  ])("sends a signed request to the bucket's own host in %s", async (region, hostname) => {
    const client = createClient({ ...LOCAL_ACCESS, region });
    const handle = vi.spyOn(client.config.requestHandler, "handle").mockRejectedValue(new Error("offline"));
    const reader = await createQuickReader(client, Bucket);
    await expect(reader.get("a/b c", TEN)).rejects.toThrow();
    const [request] = handle.mock.calls[0] ?? [];
    expect(request).toMatchObject({ protocol: "https:", hostname, path: "/a/b%20c" });
    expect(request.headers.authorization).toContain(`/${region}/s3/aws4_request, SignedHeaders=host;`);
  });
});
