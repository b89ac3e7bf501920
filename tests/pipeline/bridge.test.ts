import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type LocalAws, startAws, startEventSourceMapping } from "@thumbsmith/aws-local";
import { createClient, createSubscriber } from "@thumbsmith/functions";
import { defineConfig, notificationBody } from "@thumbsmith/shared";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ROOT } from "./run.ts";

// A bucket that exists, without versions: its events come through EventBridge and the queue to the handler.

const UPLOADS = "their-uploads";
const THUMBNAILS = "our-thumbnails";
const config = defineConfig({
  rules: [{ prefix: "uploads/", variants: [{ prefix: "thumbnails/", width: 40, height: 40 }] }],
});

let directory: string;
let aws: LocalAws;
let s3: S3Client;
let sqs: SQSClient;
let QueueUrl: string;
let ends: string[];
let stop: () => Promise<void>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-bridge-"));
  aws = await startAws({ directory });
  const access = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  s3 = createClient(access);
  sqs = new SQSClient(access);
  for (const Bucket of [UPLOADS, THUMBNAILS]) await s3.send(new CreateBucketCommand({ Bucket }));
  QueueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: "jobs" }))).QueueUrl ?? "";
  ends = [];
  const mapping = startEventSourceMapping({
    ...{ sqs, queueUrl: QueueUrl, queueArn: "arn:aws:sqs:us-east-1:000000000000:jobs", batchSize: 10 },
    ...{ maximumConcurrency: 1, functionName: "bridge", timeoutSeconds: 60, memoryMb: 1_769 },
    handler: createSubscriber({
      config,
      environment: { UPLOADS_BUCKET: UPLOADS, THUMBNAILS_BUCKET: THUMBNAILS },
      client: s3,
      report: ({ job, outcome, error }) => ends.push(`${job.key}: ${outcome?.result ?? error?.code}`),
    }),
  });
  stop = mapping.stop;
});
afterEach(async () => {
  await stop();
  s3.destroy();
  sqs.destroy();
  await aws.close();
  await rm(directory, { recursive: true, force: true });
});

/** Sends AWS's example of an event, with one of our keys. */
async function bridge(fixture: string, key: string): Promise<void> {
  const file = join(ROOT, `packages/shared/fixtures/events/bridge-${fixture}.json`);
  const event = JSON.parse(await readFile(file, "utf8"));
  event.detail.bucket.name = UPLOADS;
  event.detail.object.key = key;
  await send(JSON.stringify(event));
}

const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));

async function upload(key: string): Promise<void> {
  const Body = await readFile(join(ROOT, "samples/mountain-sunset-baseline.jpg"));
  await s3.send(new PutObjectCommand({ Bucket: UPLOADS, Key: key, Body }));
}

const ended = (count: number) => vi.waitFor(() => expect(ends).toHaveLength(count), 20_000);

async function thumbnails(): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: THUMBNAILS }));
  return Contents.map(({ Key = "" }) => Key).filter((key) => key.startsWith("thumbnails/"));
}

it("makes and removes the thumbnails of a bucket whose events come through EventBridge", async () => {
  const key = "uploads/a b+é 100%.JPG";
  await upload(key);
  await bridge("created", key);
  await ended(1);
  expect(await thumbnails()).toEqual(["thumbnails/a b+é 100%.JPG"]);

  await s3.send(new DeleteObjectCommand({ Bucket: UPLOADS, Key: key }));
  await bridge("deleted", key);
  await ended(2);
  expect(await thumbnails()).toEqual([]);
  expect(ends).toEqual([`${key}: made`, `${key}: removed`]);
});

it("handles both kinds of events in one queue, as from a backfill and an upload", async () => {
  await upload("uploads/old.jpg");
  await upload("uploads/new.jpg");
  await send(notificationBody({ bucket: UPLOADS, key: "uploads/old.jpg" }));
  await bridge("created", "uploads/new.jpg");
  await bridge("restored", "uploads/notes.txt");
  await ended(3);
  expect(await thumbnails()).toEqual(["thumbnails/new.jpg", "thumbnails/old.jpg"]);
  expect(ends).toContain("uploads/notes.txt: ignored");
});
