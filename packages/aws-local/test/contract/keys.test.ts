import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";

const endpoint = await connect();
const { s3 } = endpoint;
afterAll(() => endpoint.close());

const put = async (Bucket: string, Key: string, Body: string | Uint8Array = "body") =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const get = async (Bucket: string, Key: string, options = {}) => {
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key, ...options }));
  return { ...answer, text: await answer.Body?.transformToString() };
};

const ODD_KEYS = [
  "a b+é.JPG",
  "uploads/Grüße/日本語/🙂.png",
  "uploads/../secret",
  "../outside",
  "./here",
  "a/./b",
  "a/../../../../etc/passwd",
  "..",
  ".",
  "/leading",
  "//double//slashes//",
  "folder/",
  "100%",
  "%2e%2e%2fencoded",
  "quote\"'<>&;:@$,=?#[]{}|\\^`~!*()",
  "new\nline\tand\rreturn",
  "control\u0001\u007f",
  ".hidden",
  "__proto__",
  `${"long".repeat(75)}/${"é".repeat(200)}.jpg`,
  "k".repeat(1024),
];

behaves.each(ODD_KEYS.map((key) => ({ title: JSON.stringify(key.slice(0, 40)), key })))(
  "the key $title can be written, read, copied, listed and deleted",
  async ({ key }) => {
    const Bucket = await endpoint.createBucket();
    await put(Bucket, key, `bytes of ${key}`);
    expect((await get(Bucket, key)).text).toBe(`bytes of ${key}`);
    const CopySource = `${Bucket}/${encodeURIComponent(key)}`;
    await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource }));
    expect((await get(Bucket, "copy")).text).toBe(`bytes of ${key}`);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: "url" }));
    const keys = listed.Contents?.map(({ Key = "" }) => decodeURIComponent(Key.replaceAll("+", " ")));
    expect(keys?.toSorted()).toEqual(["copy", key].toSorted());
    const Objects = [{ Key: "copy" }];
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: key }));
    expect(await refusal(get(Bucket, key))).toEqual([404, "NoSuchKey"]);
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
  },
);

behaves("keys that differ in case, or in the form of an accent, are different objects", async () => {
  const Bucket = await endpoint.createBucket();
  const keys = ["a.jpg", "A.jpg", "\u00e9", "e\u0301"];
  for (const key of keys) await put(Bucket, key, `this is ${key}`);
  for (const key of keys) expect((await get(Bucket, key)).text).toBe(`this is ${key}`);
});

behaves("a key may be the start of another's path", async () => {
  const Bucket = await endpoint.createBucket();
  const keys = ["a/b/c", "a", "a/b", "a/b/", "a/"];
  for (const key of keys) await put(Bucket, key, `this is ${key}`);
  for (const key of keys) expect((await get(Bucket, key)).text).toBe(`this is ${key}`);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a/b/c" }));
  await put(Bucket, "a", "again");
  expect((await get(Bucket, "a")).text).toBe("again");
  expect((await get(Bucket, "a/b")).text).toBe("this is a/b");
});

behaves("a key of more than 1,024 bytes is refused", async () => {
  const Bucket = await endpoint.createBucket();
  expect(await refusal(put(Bucket, "é".repeat(513)))).toEqual([400, "KeyTooLongError"]);
});
