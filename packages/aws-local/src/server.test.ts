import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GetBucketPolicyCommand, GetObjectRetentionCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LocalEndpoint, startLocal } from "../test/contract/local.ts";
import { send } from "../test/contract/raw.ts";
import { startAws } from "./server.ts";

let local: LocalEndpoint;
let Bucket: string;

beforeAll(async () => {
  local = await startLocal();
  Bucket = await local.createBucket();
});

afterAll(async () => {
  await local.stop();
  await rm(local.directory, { recursive: true });
});

it("an error names a port that is in use", async () => {
  const port = Number(new URL(local.aws.endpoint).port);
  const directory = await mkdtemp(join(tmpdir(), "thumbsmith-local-"));
  await expect(startAws({ directory, port })).rejects.toThrow(`Port ${port} is already in use on 127.0.0.1.`);
  await rm(directory, { recursive: true });
});

it("an error names a directory that is in use, and the process that uses it", async () => {
  await expect(startAws({ directory: local.directory })).rejects.toThrow(
    `Expected ${local.directory} to be free, found it in use by process ${process.pid}.`,
  );
});

it.each([
  [
    "an operation on a bucket",
    () => local.s3.send(new GetBucketPolicyCommand({ Bucket })),
    /GET bucket\?policy/,
  ],
  [
    "an operation on an object",
    () => local.s3.send(new GetObjectRetentionCommand({ Bucket, Key: "a" })),
    /GET object\?retention/,
  ],
  [
    "a header",
    () => local.s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x", WebsiteRedirectLocation: "/b" })),
    /x-amz-website-redirect-location/,
  ],
  [
    "an operation on a queue",
    () => local.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: "x" })),
    /StartMessageMoveTask/,
  ],
  ["a kind of queue", () => local.sqs.send(new CreateQueueCommand({ QueueName: "a.fifo" })), /FIFO/],
])("%s that is not implemented is refused by name", async (_what, ask, message) => {
  await expect(ask()).rejects.toMatchObject({
    message: expect.stringMatching(message),
    $metadata: { httpStatusCode: 501 },
  });
});

it("a presigned URL of Signature Version 2 is refused with what to use instead", async () => {
  const query = { AWSAccessKeyId: "local", Signature: "x", Expires: "9999999999" };
  const { status, body } = await send(local, { method: "GET", path: `/${Bucket}/a`, query });
  expect({ status, body }).toEqual({ status: 400, body: expect.stringContaining("AWS4-HMAC-SHA256") });
});

it("a path that is not UTF-8 is refused", async () => {
  const { status, code } = await send(local, { method: "GET", path: `/${Bucket}/%ff` });
  expect({ status, code }).toEqual({ status: 400, code: "InvalidURI" });
});

it("a message is not given to a client that has disconnected", async () => {
  const { url: QueueUrl } = await local.createQueue();
  const gone = new AbortController();
  const waiting = local.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }), {
    abortSignal: gone.signal,
  });
  await Promise.all([expect(waiting).rejects.toThrow(), sleep(200).then(() => gone.abort())]);
  await sleep(100);
  await local.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
  const { Messages } = await local.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages).toHaveLength(1);
});

it("closing the server ends long polls", async () => {
  const other = await startLocal();
  const { url } = await other.createQueue();
  const waiting = other.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }));
  const outcome = waiting.then(
    () => "answered",
    () => "disconnected",
  );
  await sleep(200);
  await other.aws.close();
  expect(await outcome).toBe("disconnected");
  await other.stop();
  await rm(other.directory, { recursive: true });
});
