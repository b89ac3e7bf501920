import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { type LocalAws, startAws } from "@thumbsmith/aws-local";
import { createClient } from "@thumbsmith/functions";
import type { Manifest } from "@thumbsmith/shared";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { afterEach, beforeEach, expect, it } from "vitest";
import { handleCompletions } from "./handler.ts";

/** An event as EventBridge sends it. Its key is not URL-encoded. */
const event = JSON.parse(await readFile(new URL("event.json", import.meta.url), "utf8"));
const Bucket: string = event.detail.bucket.name;

const manifest: Manifest = {
  version: 1,
  config: "0f1e2d3c4b5a6978",
  madeAt: "2026-11-02T09:15:40.000Z",
  release: "0.1.0",
  outcome: "made",
  source: {
    key: "uploads/a b+é.JPG",
    etag: '"9f8e7d6c5b4a39281706f5e4d3c2b1a0"',
    bytes: 349_991,
    format: "jpeg",
    width: 2000,
    height: 2998,
  },
  outputs: [
    {
      key: "thumbnails/a b+é.JPG",
      etag: '"00112233445566778899aabbccddeeff"',
      format: "jpeg",
      width: 150,
      height: 150,
      bytes: 5_120,
    },
  ],
};

let directory: string;
let aws: LocalAws;
let s3: S3Client;
let seen: Manifest[];
const act = async (found: Manifest) => {
  seen.push(found);
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-completion-"));
  aws = await startAws({ directory });
  s3 = createClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
  await s3.send(new CreateBucketCommand({ Bucket }));
  seen = [];
});
afterEach(async () => {
  s3.destroy();
  await aws.close();
  await rm(directory, { recursive: true, force: true });
});

const put = (body: string) =>
  s3.send(new PutObjectCommand({ Bucket, Key: event.detail.object.key, Body: body }));

function batch(...bodies: string[]): SQSEvent {
  return { Records: bodies.map((body, i) => ({ messageId: `m${i}`, body }) as SQSRecord) };
}

it("passes on the manifest that the event names", async () => {
  await put(JSON.stringify(manifest));
  expect(await handleCompletions(batch(JSON.stringify(event)), s3, act)).toEqual({ batchItemFailures: [] });
  expect(seen).toEqual([manifest]);
});

it("ignores a manifest that has been deleted since", async () => {
  expect(await handleCompletions(batch(JSON.stringify(event)), s3, act)).toEqual({ batchItemFailures: [] });
  expect(seen).toEqual([]);
});

it("returns only the messages that fail", async () => {
  await put(JSON.stringify(manifest));
  const bodies = ["{}", JSON.stringify(event), "no JSON"];
  expect(await handleCompletions(batch(...bodies), s3, act)).toEqual({
    batchItemFailures: [{ itemIdentifier: "m0" }, { itemIdentifier: "m2" }],
  });
  expect(seen).toHaveLength(1);
});

it("returns the message of a manifest that it cannot parse, for a later release", async () => {
  await put(JSON.stringify({ ...manifest, version: 2 }));
  expect(await handleCompletions(batch(JSON.stringify(event)), s3, act)).toEqual({
    batchItemFailures: [{ itemIdentifier: "m0" }],
  });
});
