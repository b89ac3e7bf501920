import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";

const endpoint = await connect();
const { s3 } = endpoint;
afterAll(() => endpoint.close());

const Key = "large.bin";
const PART = 5 * 1024 * 1024;
const part = (fill: string, size = PART) => Buffer.alloc(size, fill);

async function create(options: Partial<CreateMultipartUploadCommandInput> = {}) {
  const Bucket = await endpoint.createBucket();
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...options }));
  return { Bucket, Key, UploadId };
}

type Upload = Awaited<ReturnType<typeof create>>;

async function upload(to: Upload, PartNumber: number, Body: Buffer): Promise<CompletedPart> {
  const { ETag, ChecksumCRC32, ChecksumCRC64NVME, ChecksumSHA256 } = await s3.send(
    new UploadPartCommand({ ...to, PartNumber, Body }),
  );
  return { PartNumber, ETag, ChecksumCRC32, ChecksumCRC64NVME, ChecksumSHA256 };
}

const complete = (
  of: Upload,
  Parts: CompletedPart[],
  options: Partial<CompleteMultipartUploadCommandInput> = {},
) => s3.send(new CompleteMultipartUploadCommand({ ...of, MultipartUpload: { Parts }, ...options }));

behaves("parts become one object, in the order of their numbers, with a multipart ETag", async () => {
  const to = await create({ ContentType: "image/jpeg", Metadata: { a: "1" } });
  const second = await upload(to, 2, part("b", 3));
  const first = await upload(to, 1, part("a"));
  const { ETag } = await complete(to, [first, second]);
  expect(ETag).toBe('"06a6ca67e53064f3f30a42ee29a62f5d-2"');
  const { Body, ...object } = await s3.send(new GetObjectCommand({ Bucket: to.Bucket, Key }));
  expect(object).toMatchObject({
    ETag,
    ContentLength: PART + 3,
    ContentType: "image/jpeg",
    Metadata: { a: "1" },
  });
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
  expect(bytes.equals(Buffer.concat([part("a"), part("b", 3)]))).toBe(true);
});

behaves("nothing can be read before the upload is complete", async () => {
  const to = await create();
  await upload(to, 1, part("a", 3));
  expect((await refusal(s3.send(new HeadObjectCommand({ Bucket: to.Bucket, Key }))))[0]).toBe(404);
});

behaves("a part that is uploaded again replaces the first", async () => {
  const to = await create();
  const replaced = await upload(to, 1, part("a", 3));
  const last = await upload(to, 1, part("b", 3));
  expect(await refusal(complete(to, [replaced]))).toEqual([400, "InvalidPart"]);
  await complete(to, [last]);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: to.Bucket, Key }));
  expect(await Body?.transformToString()).toBe("bbb");
});

behaves("parts that are not named at completion are left out", async () => {
  const to = await create();
  await upload(to, 1, part("a", 3));
  const named = await upload(to, 7, part("b", 3));
  await complete(to, [named]);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: to.Bucket, Key }));
  expect(await Body?.transformToString()).toBe("bbb");
});

behaves("parts in another order are refused", async () => {
  const to = await create();
  const first = await upload(to, 1, part("a"));
  const second = await upload(to, 2, part("b", 3));
  expect(await refusal(complete(to, [second, first]))).toEqual([400, "InvalidPartOrder"]);
});

behaves.each([
  {
    title: "that was never uploaded",
    parts: [{ PartNumber: 2, ETag: '"0cc175b9c0f1b6a831c399e269772661"' }],
  },
  { title: "with another ETag", parts: [{ PartNumber: 1, ETag: '"0cc175b9c0f1b6a831c399e269772661"' }] },
])("a part $title is refused", async ({ parts }) => {
  const to = await create();
  await upload(to, 1, part("a", 3));
  expect(await refusal(complete(to, parts))).toEqual([400, "InvalidPart"]);
});

behaves("a part of less than 5 MiB is refused, unless it is the last", async () => {
  const to = await create();
  const first = await upload(to, 1, part("a", PART - 1));
  const second = await upload(to, 2, part("b", 3));
  expect(await refusal(complete(to, [first, second]))).toEqual([400, "EntityTooSmall"]);
});

behaves.each([
  { title: "0", number: 0 },
  { title: "10,001", number: 10_001 },
])("the part number $title is refused", async ({ number }) => {
  const to = await create();
  expect(await refusal(upload(to, number, part("a", 3)))).toEqual([400, "InvalidArgument"]);
});

behaves("an upload that was aborted is gone", async () => {
  const to = await create();
  const first = await upload(to, 1, part("a", 3));
  await s3.send(new AbortMultipartUploadCommand(to));
  expect(await refusal(upload(to, 2, part("b", 3)))).toEqual([404, "NoSuchUpload"]);
  expect(await refusal(complete(to, [first]))).toEqual([404, "NoSuchUpload"]);
});

behaves("the completion of an upload can have a condition on what it replaces", async () => {
  const to = await create();
  const parts = [await upload(to, 1, part("a", 3))];
  await s3.send(new PutObjectCommand({ Bucket: to.Bucket, Key, Body: "quicker" }));
  const other = '"0cc175b9c0f1b6a831c399e269772661"';
  expect(await refusal(complete(to, parts, { IfNoneMatch: "*" }))).toEqual([412, "PreconditionFailed"]);
  expect(await refusal(complete(to, parts, { IfMatch: other }))).toEqual([412, "PreconditionFailed"]);
  await complete(to, parts, { IfMatch: '"1c4a1df55d2c0257fc03dfc5d6fa0795"' });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: to.Bucket, Key }));
  expect(await Body?.transformToString()).toBe("aaa");
});

behaves("a composite checksum is that of the parts' checksums", async () => {
  const to = await create({ ChecksumAlgorithm: "SHA256" });
  const parts = [await upload(to, 1, part("a")), await upload(to, 2, part("b", 3))];
  const { ChecksumSHA256, ChecksumType } = await complete(to, parts);
  expect({ ChecksumSHA256, ChecksumType }).toEqual({
    ChecksumSHA256: "gDrP5FwCfWjU1qVqWfAgL+dUtgwH0Gl3tgBARzkxMWI=-2",
    ChecksumType: "COMPOSITE",
  });
});

behaves("a checksum of the full object is verified", async () => {
  const to = await create({ ChecksumAlgorithm: "CRC64NVME", ChecksumType: "FULL_OBJECT" });
  const parts = [await upload(to, 1, Buffer.from("hello"))];
  const wrong = complete(to, parts, { ChecksumCRC64NVME: "AAAAAAAAAAA=" });
  expect(await refusal(wrong)).toEqual([400, "BadDigest"]);
  const { ChecksumCRC64NVME, ChecksumType } = await complete(to, parts, {
    ChecksumCRC64NVME: "M3eFcAZSQlc=",
  });
  expect({ ChecksumCRC64NVME, ChecksumType }).toEqual({
    ChecksumCRC64NVME: "M3eFcAZSQlc=",
    ChecksumType: "FULL_OBJECT",
  });
});
