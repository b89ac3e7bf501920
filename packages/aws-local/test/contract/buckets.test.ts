import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";

const endpoint = await connect();
const { s3, region } = endpoint;
afterAll(() => endpoint.close());

const MISSING = "thumbsmith-no-such-bucket";

behaves("a bucket that was created is there and listed", async () => {
  const Bucket = await endpoint.createBucket();
  const head = await s3.send(new HeadBucketCommand({ Bucket }));
  expect(head.BucketRegion).toBe(region);
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  expect(Buckets.find(({ Name }) => Name === Bucket)?.CreationDate).toBeInstanceOf(Date);
});

behaves("the location of a bucket is its region, and empty for us-east-1", async () => {
  const Bucket = await endpoint.createBucket();
  const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket }));
  expect(LocationConstraint).toBe(region === "us-east-1" ? undefined : region);
});

behaves("an owner in us-east-1 may create a bucket again, which keeps its objects", async () => {
  const Bucket = await endpoint.createBucket();
  await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "kept" }));
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "a" }));
  expect(await Body?.transformToString()).toBe("kept");
});

behaves.each(["UPPER", "ab", "a..b", "192.168.0.1", "-dash", "under_score"].map((title) => ({ title })))(
  "the bucket name $title is refused",
  async ({ title }) => {
    const create = s3.send(new CreateBucketCommand({ Bucket: title }));
    expect(await refusal(create)).toEqual([400, "InvalidBucketName"]);
  },
);

behaves("a location that is not the server's own is refused", async () => {
  const CreateBucketConfiguration = { LocationConstraint: "no-such-place-1" as "eu-west-1" };
  const create = s3.send(new CreateBucketCommand({ Bucket: `${MISSING}-1`, CreateBucketConfiguration }));
  expect((await refusal(create))[0]).toBe(400);
});

behaves("a bucket can be deleted once it is empty", async () => {
  const Bucket = `contract-${Date.now().toString(36)}-deleted`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x" }));
  expect(await refusal(s3.send(new DeleteBucketCommand({ Bucket })))).toEqual([409, "BucketNotEmpty"]);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
  expect((await refusal(s3.send(new HeadBucketCommand({ Bucket }))))[0]).toBe(404);
});

behaves("a bucket with only old versions is not empty", async () => {
  const Bucket = await endpoint.createBucket();
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x" }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
  expect(await refusal(s3.send(new DeleteBucketCommand({ Bucket })))).toEqual([409, "BucketNotEmpty"]);
});

behaves.each([
  { title: "read from", ask: () => s3.send(new GetObjectCommand({ Bucket: MISSING, Key: "a" })) },
  { title: "written to", ask: () => s3.send(new PutObjectCommand({ Bucket: MISSING, Key: "a", Body: "x" })) },
  { title: "deleted", ask: () => s3.send(new DeleteBucketCommand({ Bucket: MISSING })) },
])("a missing bucket cannot be $title", async ({ ask }) => {
  expect(await refusal(ask())).toEqual([404, "NoSuchBucket"]);
});

behaves("a request that expects another owner is refused", async () => {
  const Bucket = await endpoint.createBucket();
  const command = new PutObjectCommand({ Bucket, Key: "a", Body: "x", ExpectedBucketOwner: "999999999999" });
  expect(await refusal(s3.send(command))).toEqual([403, "AccessDenied"]);
});
