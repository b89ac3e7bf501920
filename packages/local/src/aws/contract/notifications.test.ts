import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  type Event,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type QueueConfiguration,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { DeleteMessageCommand, ReceiveMessageCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { S3Event, S3EventRecord } from "aws-lambda";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect, endpointKind } from "./endpoint.ts";
import { refusal } from "./errors.ts";

const endpoint = await connect();
const { s3, sqs } = endpoint;
afterAll(() => endpoint.close());

interface Queue {
  url: string;
  arn: string;
}

const ALL: Event[] = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"];
const put = (Bucket: string, Key: string, Body = "hello") =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body }));

const rule = ({ arn }: Queue, Events: Event[], filter: { prefix?: string; suffix?: string } = {}) => {
  const FilterRules = Object.entries(filter).map(([Name, Value]) => ({ Name: Name as "prefix", Value }));
  return { QueueArn: arn, Events, ...(FilterRules.length > 0 ? { Filter: { Key: { FilterRules } } } : {}) };
};

async function createQueue(): Promise<Queue> {
  const queue = await endpoint.createQueue();
  if (endpointKind !== "aws") return queue;
  const statement = {
    Effect: "Allow",
    Principal: { Service: "s3.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: "*",
  };
  const Attributes = { Policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }) };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes }));
  return queue;
}

const configure = (Bucket: string, QueueConfigurations: QueueConfiguration[]) =>
  s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: { QueueConfigurations },
    }),
  );

/** AWS delivers when it can; the others have delivered before they answer. */
const QUIET_SECONDS = endpointKind === "aws" ? 10 : 0;

/** What the queue has, until it stays empty. */
async function messages({ url }: Queue): Promise<unknown[]> {
  const bodies: unknown[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: QUIET_SECONDS }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body = "", ReceiptHandle } of Messages) {
      bodies.push(JSON.parse(Body));
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    }
  }
}

async function records(queue: Queue): Promise<S3EventRecord[]> {
  const events = (await messages(queue)) as (Partial<S3Event> & { Event?: string })[];
  return events.filter(({ Event }) => Event !== "s3:TestEvent").flatMap(({ Records = [] }) => Records);
}

const names = (of: S3EventRecord[]) =>
  of.map(({ eventName, s3 }) => `${eventName} ${decodeURIComponent(s3.object.key.replaceAll("+", " "))}`);

behaves("a new configuration sends a test event", async () => {
  const [Bucket, queue] = [await endpoint.createBucket(), await createQueue()];
  await configure(Bucket, [rule(queue, ALL)]);
  expect(await messages(queue)).toEqual([
    {
      Service: "Amazon S3",
      Event: "s3:TestEvent",
      Time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      Bucket,
      RequestId: expect.any(String),
      HostId: expect.any(String),
    },
  ]);
});

behaves("an event says what was written, in AWS's own form", async () => {
  const [Bucket, queue] = [await endpoint.createBucket(), await createQueue()];
  await configure(Bucket, [{ Id: "to-queue", ...rule(queue, ALL) }]);
  await put(Bucket, "photos/a b+é(1).JPG");
  expect(await records(queue)).toEqual([
    {
      eventVersion: expect.stringMatching(/^2\.\d$/),
      eventSource: "aws:s3",
      awsRegion: endpoint.region,
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      eventName: "ObjectCreated:Put",
      userIdentity: { principalId: expect.any(String) },
      requestParameters: { sourceIPAddress: expect.any(String) },
      responseElements: { "x-amz-request-id": expect.any(String), "x-amz-id-2": expect.any(String) },
      s3: {
        s3SchemaVersion: "1.0",
        configurationId: "to-queue",
        bucket: {
          name: Bucket,
          ownerIdentity: { principalId: expect.any(String) },
          arn: `arn:aws:s3:::${Bucket}`,
        },
        object: {
          key: "photos/a+b%2B%C3%A9%281%29.JPG",
          size: 5,
          eTag: "5d41402abc4b2a76b9719d911017c592",
          sequencer: expect.stringMatching(/^[0-9A-F]+$/),
        },
      },
    },
  ]);
});

behaves("every way to create or delete an object has its event", async () => {
  const [Bucket, queue] = [await endpoint.createBucket(), await createQueue()];
  await configure(Bucket, [rule(queue, ALL)]);
  await put(Bucket, "put");
  await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/put` }));
  const upload = { Bucket, Key: "parts" };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(upload));
  const { ETag } = await s3.send(new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: "x" }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "put" }));
  await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "copy" }] } }));
  const events = await records(queue);
  expect(names(events).toSorted()).toEqual([
    "ObjectCreated:CompleteMultipartUpload parts",
    "ObjectCreated:Copy copy",
    "ObjectCreated:Put put",
    "ObjectRemoved:Delete copy",
    "ObjectRemoved:Delete put",
  ]);
  const removed = events.find(({ eventName }) => eventName === "ObjectRemoved:Delete");
  expect(removed?.s3.object).toEqual({ key: expect.any(String), sequencer: expect.any(String) });
});

behaves("what is not deleted, or not written, has no event", async () => {
  const [Bucket, queue] = [await endpoint.createBucket(), await createQueue()];
  await put(Bucket, "a");
  await configure(Bucket, [rule(queue, ALL)]);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "none" }));
  await refusal(s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x", IfNoneMatch: "*" })));
  expect(await records(queue)).toEqual([]);
});

behaves("with versioning, events tell the version, and deletions their markers", async () => {
  const [Bucket, queue] = [await endpoint.createBucket(), await createQueue()];
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  await configure(Bucket, [rule(queue, ALL)]);
  const { VersionId } = await put(Bucket, "a");
  const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a", VersionId }));
  const events = (await records(queue)).map(({ eventName, s3: { object } }) => [eventName, object.versionId]);
  expect(events.toSorted()).toEqual([
    ["ObjectCreated:Put", VersionId],
    ["ObjectRemoved:Delete", VersionId],
    ["ObjectRemoved:DeleteMarkerCreated", marker.VersionId],
  ]);
});

const FILTERS: {
  title: string;
  events: Event[];
  filter: { prefix?: string; suffix?: string };
  expected: string[];
}[] = [
  {
    title: "the prefix",
    events: ["s3:ObjectCreated:*"],
    filter: { prefix: "up/" },
    expected: ["ObjectCreated:Put up/a.jpg", "ObjectCreated:Put up/b.txt"],
  },
  {
    title: "the suffix",
    events: ["s3:ObjectCreated:*"],
    filter: { suffix: ".jpg" },
    expected: ["ObjectCreated:Put other/c.jpg", "ObjectCreated:Put up/a.jpg"],
  },
  {
    title: "prefix and suffix",
    events: ["s3:ObjectCreated:*"],
    filter: { prefix: "up/", suffix: ".jpg" },
    expected: ["ObjectCreated:Put up/a.jpg"],
  },
  {
    title: "one kind of event",
    events: ["s3:ObjectRemoved:Delete"],
    filter: {},
    expected: ["ObjectRemoved:Delete up/a.jpg"],
  },
  { title: "an event that does not happen", events: ["s3:ObjectCreated:Copy"], filter: {}, expected: [] },
];

behaves.each(FILTERS)("a rule gets only what it asks for: $title", async ({ events, filter, expected }) => {
  const [Bucket, queue] = [await endpoint.createBucket(), await createQueue()];
  await configure(Bucket, [rule(queue, events, filter)]);
  for (const key of ["up/a.jpg", "up/b.txt", "other/c.jpg"]) await put(Bucket, key);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "up/a.jpg" }));
  expect(names(await records(queue)).toSorted()).toEqual(expected);
});

behaves("a filter's special characters are those of a form", async () => {
  const [Bucket, queue] = [await endpoint.createBucket(), await createQueue()];
  await configure(Bucket, [rule(queue, ALL, { prefix: "my+photos/", suffix: "%281%29.jpg" })]);
  await put(Bucket, "my photos/a(1).jpg");
  await put(Bucket, "my+photos/a%281%29.jpg");
  expect(names(await records(queue))).toEqual(["ObjectCreated:Put my photos/a(1).jpg"]);
});

behaves("the sequencers of a key increase", async () => {
  const [Bucket, queue] = [await endpoint.createBucket(), await createQueue()];
  await configure(Bucket, [rule(queue, ALL)]);
  for (const body of ["1", "22", "333"]) await put(Bucket, "a", body);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
  await put(Bucket, "a", "4444");
  const events = (await records(queue)).map(({ s3: { object } }) => object);
  const width = Math.max(...events.map(({ sequencer }) => sequencer.length));
  const order = events.toSorted((a, b) =>
    a.sequencer.padEnd(width, "0") < b.sequencer.padEnd(width, "0") ? -1 : 1,
  );
  expect(order.map(({ size }) => size)).toEqual([1, 2, 3, undefined, 4]);
});

behaves("a configuration is given back as it was set, and can be cleared", async () => {
  const [Bucket, queue] = [await endpoint.createBucket(), await createQueue()];
  const read = async () =>
    (await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).QueueConfigurations;
  expect(await read()).toBeUndefined();
  await configure(Bucket, [
    { Id: "one", ...rule(queue, ["s3:ObjectCreated:Put"], { prefix: "a/", suffix: ".jpg" }) },
  ]);
  expect(await read()).toEqual([
    {
      Id: "one",
      QueueArn: queue.arn,
      Events: ["s3:ObjectCreated:Put"],
      Filter: {
        Key: {
          FilterRules: [
            { Name: "Prefix", Value: "a/" },
            { Name: "Suffix", Value: ".jpg" },
          ],
        },
      },
    },
  ]);
  await configure(Bucket, []);
  await put(Bucket, "a/b.jpg");
  expect(await read()).toBeUndefined();
  expect(await records(queue)).toEqual([]);
});

const OVERLAPS: {
  title: string;
  a: Parameters<typeof rule>[2];
  b: Parameters<typeof rule>[2];
  refused: boolean;
}[] = [
  { title: "no filters", a: {}, b: {}, refused: true },
  { title: "a prefix within a prefix", a: { prefix: "a" }, b: { prefix: "ab" }, refused: true },
  { title: "a suffix within a suffix", a: { suffix: "jpg" }, b: { suffix: ".jpg" }, refused: true },
  { title: "a prefix and a suffix", a: { prefix: "a/" }, b: { suffix: ".jpg" }, refused: true },
  { title: "different prefixes", a: { prefix: "a/" }, b: { prefix: "b/" }, refused: false },
  {
    title: "the same prefix and different suffixes",
    a: { prefix: "a/", suffix: ".jpg" },
    b: { prefix: "a/", suffix: ".png" },
    refused: false,
  },
];

behaves.each(OVERLAPS.filter(({ refused }) => refused))(
  "two rules for the same events that overlap are refused: $title",
  async ({ a, b }) => {
    const [Bucket, queue] = [await endpoint.createBucket(), await createQueue()];
    const rules = [rule(queue, ["s3:ObjectCreated:*"], a), rule(queue, ["s3:ObjectCreated:Put"], b)];
    expect(await refusal(configure(Bucket, rules))).toEqual([400, "InvalidArgument"]);
  },
);

behaves.each(OVERLAPS.filter(({ refused }) => !refused))(
  "two rules for the same events that cannot overlap are accepted: $title",
  async ({ a, b }) => {
    const [Bucket, queue] = [await endpoint.createBucket(), await createQueue()];
    await configure(Bucket, [rule(queue, ALL, a), rule(queue, ALL, b)]);
  },
);

behaves("rules for different events may overlap", async () => {
  const [Bucket, queue] = [await endpoint.createBucket(), await createQueue()];
  await configure(Bucket, [rule(queue, ["s3:ObjectCreated:*"]), rule(queue, ["s3:ObjectRemoved:*"])]);
});

behaves("a queue that is not there is refused", async () => {
  const [Bucket, queue] = [await endpoint.createBucket(), await createQueue()];
  const missing = { ...queue, arn: `${queue.arn}-missing` };
  expect(await refusal(configure(Bucket, [rule(missing, ALL)]))).toEqual([400, "InvalidArgument"]);
});
