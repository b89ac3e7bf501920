// Requests that other clients send, and the SDK for JavaScript does not by itself. tests/pipeline runs those clients.
import {
  CreateMultipartUploadCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";

const endpoint = await connect();
const { s3 } = endpoint;
afterAll(() => endpoint.close());

const put = (Bucket: string, Key: string, options = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: "body", ...options }));

behaves("the first version of the listing goes on after a marker", async () => {
  const Bucket = await endpoint.createBucket();
  for (const key of ["a", "b/1", "b/2", "c"]) await put(Bucket, key);
  const keys = async (options = {}) => {
    const {
      Contents = [],
      CommonPrefixes = [],
      IsTruncated,
      NextMarker,
    } = await s3.send(new ListObjectsCommand({ Bucket, ...options }));
    const names = [...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix)];
    return { names, IsTruncated, NextMarker };
  };
  expect(await keys()).toEqual({
    names: ["a", "b/1", "b/2", "c"],
    IsTruncated: false,
    NextMarker: undefined,
  });
  expect(await keys({ MaxKeys: 2 })).toMatchObject({ names: ["a", "b/1"], IsTruncated: true });
  expect(await keys({ Marker: "b/1" })).toMatchObject({ names: ["b/2", "c"] });
  expect(await keys({ Delimiter: "/", MaxKeys: 2 })).toEqual({
    names: ["a", "b/"],
    IsTruncated: true,
    NextMarker: "b/",
  });
  expect(await keys({ Delimiter: "/", Marker: "b/" })).toMatchObject({ names: ["c"] });
});

behaves("an upload lists its parts, and a bucket its uploads", async () => {
  const Bucket = await endpoint.createBucket();
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "large" }));
  for (const PartNumber of [1, 2, 3]) {
    await s3.send(
      new UploadPartCommand({ Bucket, Key: "large", UploadId, PartNumber, Body: "x".repeat(PartNumber) }),
    );
  }
  const list = (options = {}) =>
    s3.send(new ListPartsCommand({ Bucket, Key: "large", UploadId, ...options }));
  const numbers = async (options = {}) =>
    (await list(options)).Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]);
  expect(await numbers()).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(await list({ MaxParts: 2 })).toMatchObject({ IsTruncated: true, NextPartNumberMarker: "2" });
  expect(await numbers({ PartNumberMarker: "2" })).toEqual([[3, 3]]);
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  expect(Uploads.map((upload) => [upload.Key, upload.UploadId])).toEqual([["large", UploadId]]);
});

behaves("a part can be a range of another object", async () => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "source", { Body: "0123456789" });
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "copy" }));
  const copy = (CopySourceRange: string) =>
    s3.send(
      new UploadPartCopyCommand({
        ...{ Bucket, Key: "copy", UploadId, PartNumber: 1 },
        ...{ CopySource: `${Bucket}/source`, CopySourceRange },
      }),
    );
  // MD5 of "234", by `printf 234 | md5sum`.
  expect((await copy("bytes=2-4")).CopyPartResult?.ETag).toBe('"289dff07669d7a23de0ef88d2f7129e7"');
  expect(await refusal(copy("bytes=5-20"))).toEqual([400, "InvalidArgument"]);
});

behaves("an object reports its encryption, and how many tags it has", async () => {
  const Bucket = await endpoint.createBucket();
  const asked = {
    ServerSideEncryption: "AES256",
    Tagging: "owner=kim&kind=a+photo",
    StorageClass: "STANDARD",
  };
  expect(await put(Bucket, "a", asked)).toMatchObject({ ServerSideEncryption: "AES256" });
  expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }))).toMatchObject({
    ServerSideEncryption: "AES256",
    TagCount: 2,
  });
  const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "a" }));
  expect(TagSet).toEqual([
    { Key: "owner", Value: "kim" },
    { Key: "kind", Value: "a photo" },
  ]);
});

behaves("a bucket whose owner owns every object refuses access lists that grant others access", async () => {
  const Bucket = await endpoint.createBucket();
  await put(Bucket, "a", { ACL: "bucket-owner-full-control" });
  expect(await refusal(put(Bucket, "a", { ACL: "public-read" }))).toEqual([
    400,
    "AccessControlListNotSupported",
  ]);
});
