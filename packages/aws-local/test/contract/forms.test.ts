// Uploads by a form in a browser: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketCorsCommand,
} from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { FILENAME, forms, type Options, photo, send } from "./form.ts";
import { names, notifications, rule } from "./notifications.ts";

const endpoint = await connect();
const { s3 } = endpoint;
const { bucketAndQueue, configure, records } = notifications(endpoint);
const { upload, stored } = forms(endpoint);
afterAll(() => endpoint.close());

behaves("a form makes an object with the type, the metadata and the tags of its fields", async () => {
  const Bucket = await endpoint.createBucket();
  const Fields = {
    "Content-Type": "image/jpeg",
    "Cache-Control": "max-age=60",
    "x-amz-meta-author": "Zoë",
    tagging: "<Tagging><TagSet><Tag><Key>kind</Key><Value>a photo</Value></Tag></TagSet></Tagging>",
  };
  const { status, headers, text } = await upload(Bucket, { Key: "uploads/a b.jpg", Fields });
  // MD5 of "hello", by `printf hello | md5sum`.
  expect({ status, etag: headers.get("etag"), text }).toEqual({
    status: 204,
    etag: '"5d41402abc4b2a76b9719d911017c592"',
    text: "",
  });
  expect(headers.get("location")).toMatch(/\/uploads%2Fa%20b\.jpg$/);
  const object = { Bucket, Key: "uploads/a b.jpg" };
  const { Body, ...got } = await s3.send(new GetObjectCommand(object));
  expect(await Body?.transformToString()).toBe("hello");
  expect(got).toMatchObject({ ContentType: "image/jpeg", CacheControl: "max-age=60" });
  expect(Object.keys(got.Metadata ?? {})).toEqual(["author"]);
  const { TagSet } = await s3.send(new GetObjectTaggingCommand(object));
  expect(TagSet).toEqual([{ Key: "kind", Value: "a photo" }]);
});

behaves(
  "a form without a Content-Type makes an object without a type, even if its file has one",
  async () => {
    const Bucket = await endpoint.createBucket();
    await upload(Bucket);
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "a.jpg" }))).ContentType).toBe(
      "binary/octet-stream",
    );
  },
);

behaves("a form's upload is an event of its own", async () => {
  const [Bucket, queue] = await bucketAndQueue();
  await configure(Bucket, [rule(queue, ["s3:ObjectCreated:*"])]);
  await upload(Bucket, { Key: `uploads/${FILENAME}`, file: photo("hello", "sea side.jpg") });
  expect(names(await records(queue))).toEqual(["ObjectCreated:Post uploads/sea side.jpg"]);
});

behaves.each([
  { title: "its name", filename: "sea (1).jpg", key: "in/sea (1).jpg" },
  { title: "what follows the last slash", filename: "home/kim/sea.jpg", key: "in/sea.jpg" },
  { title: "what follows the last backslash", filename: "C:\\photos\\sea.jpg", key: "in/sea.jpg" },
  { title: "its name in UTF-8", filename: "été-海.jpg", key: "in/été-海.jpg" },
])("the variable of the file name gives $title", async ({ filename, key }) => {
  const Bucket = await endpoint.createBucket();
  const { status } = await upload(Bucket, { Key: `in/${FILENAME}`, file: photo("hello", filename) });
  expect({ status, stored: await stored(Bucket) }).toEqual({ status: 204, stored: [key] });
});

behaves.each([
  { title: "200", given: "200", status: 200 },
  { title: "204", given: "204", status: 204 },
  { title: "404, which is invalid,", given: "404", status: 204 },
])("success_action_status $title is answered with the right status", async ({ given, status }) => {
  const answer = await upload(await endpoint.createBucket(), { Fields: { success_action_status: given } });
  expect({ status: answer.status, text: answer.text }).toEqual({ status, text: "" });
});

behaves("success_action_status 201 is answered with the object's address as XML", async () => {
  const Bucket = await endpoint.createBucket();
  const Fields = { success_action_status: "201" };
  const { status, element, headers } = await upload(Bucket, { Key: "in/a&b.jpg", Fields });
  expect(status).toBe(201);
  expect(headers.get("content-type")).toBe("application/xml");
  expect(["Bucket", "Key", "ETag"].map(element)).toEqual([
    Bucket,
    "in/a&amp;b.jpg",
    '"5d41402abc4b2a76b9719d911017c592"',
  ]);
  expect(element("Location")).toBe(headers.get("location"));
});

behaves("success_action_redirect sends the browser there, with the object's name", async () => {
  const Bucket = await endpoint.createBucket();
  const Fields = { success_action_redirect: "https://app.example/done?from=form" };
  const { status, headers } = await upload(Bucket, { Fields });
  expect(status).toBe(303);
  expect(headers.get("location")).toBe(
    `https://app.example/done?from=form&bucket=${Bucket}&key=a.jpg&etag=%225d41402abc4b2a76b9719d911017c592%22`,
  );
});

behaves("a success_action_redirect that is not a URL is ignored", async () => {
  const { status } = await upload(await endpoint.createBucket(), {
    Fields: { success_action_redirect: "done" },
  });
  expect(status).toBe(204);
});

behaves("fields after a form's file are ignored", async () => {
  const Bucket = await endpoint.createBucket();
  const { url, fields } = await createPresignedPost(s3, { Bucket, Key: "a.jpg" });
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.append("file", photo());
  form.append("success_action_status", "200");
  form.append("file", photo("other", "other.jpg"));
  expect((await send(url, form)).status).toBe(204);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "a.jpg" }));
  expect(await Body?.transformToString()).toBe("hello");
});

behaves("a page may read the answer to its form if a rule names its origin", async () => {
  const Bucket = await endpoint.createBucket();
  const CORSRules = [{ AllowedOrigins: ["https://app.example"], AllowedMethods: ["POST"] }];
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  const allowed = async (options: Options) =>
    (await upload(Bucket, options)).headers.get("access-control-allow-origin");
  expect(await allowed({ origin: "https://app.example" })).toBe("https://app.example");
  expect(await allowed({ origin: "https://app.example", changed: { key: "b.jpg" } })).toBe(
    "https://app.example",
  );
  expect(await allowed({ origin: "https://evil.example" })).toBeNull();
});
