import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";
import { ALL, names, notifications, rule } from "./notifications.ts";

const endpoint = await connect();
const { s3 } = endpoint;
const { bucketAndQueue, configure, messages, put, records } = notifications(endpoint);
afterAll(() => endpoint.close());

behaves("a new configuration sends a test event", async () => {
  const [Bucket, queue] = await bucketAndQueue();
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

behaves("an event describes what was written, in AWS's format", async () => {
  const [Bucket, queue] = await bucketAndQueue();
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
  const [Bucket, queue] = await bucketAndQueue();
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

behaves("a deletion or a write that fails has no event", async () => {
  const [Bucket, queue] = await bucketAndQueue();
  await put(Bucket, "a");
  await configure(Bucket, [rule(queue, ALL)]);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "none" }));
  await refusal(s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x", IfNoneMatch: "*" })));
  expect(await records(queue)).toEqual([]);
});

behaves("with versioning, events have versions, and deletions those of their markers", async () => {
  const [Bucket, queue] = await bucketAndQueue();
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

behaves("the sequencers of a key increase", async () => {
  const [Bucket, queue] = await bucketAndQueue();
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
