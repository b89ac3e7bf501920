// How S3 refuses a form: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
import { S3Client } from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { FILENAME, forms, type Options, photo, send } from "./form.ts";

const endpoint = await connect();
const { s3 } = endpoint;
const { upload, withPolicy, stored } = forms(endpoint);
afterAll(() => endpoint.close());

const FAILED = "Invalid according to Policy: Policy Condition failed: ";
const TYPES = ["starts-with", "$Content-Type", "image/"] as const;
behaves.each<{ title: string; options: Options; refusal: [number, string, string] }>([
  {
    title: "has expired",
    options: { Expires: -1 },
    refusal: [403, "AccessDenied", "Invalid according to Policy: Policy expired."],
  },
  {
    title: "has another key",
    options: { changed: { key: "b.jpg" } },
    refusal: [403, "AccessDenied", `${FAILED}["eq", "$key", "a.jpg"]`],
  },
  {
    title: "has a key outside of its prefix",
    options: { Key: `in/${FILENAME}`, changed: { key: "out/a.jpg" } },
    refusal: [403, "AccessDenied", `${FAILED}["starts-with", "$key", "in/"]`],
  },
  {
    title: "has another type",
    options: { Conditions: [[...TYPES]], changed: { "Content-Type": "text/html" } },
    refusal: [403, "AccessDenied", `${FAILED}["starts-with", "$Content-Type", "image/"]`],
  },
  {
    title: "has one of several types wrong",
    options: { Conditions: [[...TYPES]], changed: { "Content-Type": "image/png, text/html" } },
    refusal: [403, "AccessDenied", `${FAILED}["starts-with", "$Content-Type", "image/"]`],
  },
  {
    title: "lacks metadata that was signed",
    options: { Fields: { "x-amz-meta-owner": "kim" }, changed: { "x-amz-meta-owner": undefined } },
    refusal: [403, "AccessDenied", `${FAILED}["eq", "$x-amz-meta-owner", "kim"]`],
  },
  {
    title: "has a field that was not signed",
    options: { changed: { "Content-Type": "image/jpeg" } },
    refusal: [403, "AccessDenied", "Invalid according to Policy: Extra input fields: content-type"],
  },
])("a form that $title is refused", async ({ options, refusal }) => {
  const Bucket = await endpoint.createBucket();
  expect((await upload(Bucket, options)).refusal).toEqual(refusal);
  expect(await stored(Bucket)).toEqual([]);
});

behaves("a form that was signed for another bucket is refused", async () => {
  const [theirs, ours] = [await endpoint.createBucket(), await endpoint.createBucket()];
  const { url, fields } = await createPresignedPost(s3, { Bucket: theirs, Key: "a.jpg" });
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", photo());
  expect((await send(url.replace(theirs, ours), form)).refusal).toEqual([
    403,
    "AccessDenied",
    `${FAILED}["eq", "$bucket", "${theirs}"]`,
  ]);
});

behaves.each<{ title: string; options: Options }>([
  { title: "fields to ignore", options: { changed: { "x-ignore-submit": "Upload" } } },
  {
    title: "several types",
    options: { Conditions: [[...TYPES]], changed: { "Content-Type": "image/png, image/gif" } },
  },
  {
    title: "any value, if the policy allows any",
    options: { Conditions: [["starts-with", "$x-amz-meta-a", ""]] },
  },
  { title: "names in another case", options: { Fields: { "CONTENT-type": "image/png" } } },
  { title: "a file of the least size", options: { Conditions: [["content-length-range", 5, 9]] } },
  { title: "a file of the greatest size", options: { Conditions: [["content-length-range", 0, 5]] } },
])("a form may have $title", async ({ options }) => {
  const Bucket = await endpoint.createBucket();
  const { status, text } = await upload(Bucket, options);
  expect({ status, text }).toEqual({ status: 204, text: "" });
});

behaves("a file that is too large is refused, with both sizes", async () => {
  const Bucket = await endpoint.createBucket();
  const { refusal, element } = await upload(Bucket, {
    Conditions: [["content-length-range", 1, 100_000]],
    file: photo("x".repeat(3_000_000)),
  });
  expect(refusal).toEqual([400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"]);
  expect([element("ProposedSize"), element("MaxSizeAllowed")]).toEqual(["3000000", "100000"]);
  expect(await stored(Bucket)).toEqual([]);
});

behaves("a file that is too small is refused, with both sizes", async () => {
  const Bucket = await endpoint.createBucket();
  const { refusal, element } = await upload(Bucket, { Conditions: [["content-length-range", 6, 10]] });
  expect(refusal).toEqual([
    400,
    "EntityTooSmall",
    "Your proposed upload is smaller than the minimum allowed size",
  ]);
  expect([element("ProposedSize"), element("MinSizeAllowed")]).toEqual(["5", "6"]);
  expect(await stored(Bucket)).toEqual([]);
});

const stranger = new S3Client({
  ...endpoint.options,
  credentials: { accessKeyId: endpoint.credentials.accessKeyId, secretAccessKey: "wrong" },
});
const unknown = new S3Client({
  ...endpoint.options,
  credentials: { ...endpoint.credentials, accessKeyId: "unknown" },
});
const misplaced = new S3Client({ ...endpoint.options, region: "xx-west-9" });
const missing = (field: string) =>
  `Bucket POST must contain a field named '${field}'.  If it is specified, please check the order of the fields.`;
behaves.each<{ title: string; options: Options; refusal: [number, string, unknown] }>([
  {
    title: "signed with another secret",
    options: { client: stranger },
    refusal: [403, "SignatureDoesNotMatch", expect.any(String)],
  },
  {
    title: "signed with an unknown key",
    options: { client: unknown },
    refusal: [403, "InvalidAccessKeyId", expect.any(String)],
  },
  {
    title: "signed for another region",
    options: { client: misplaced },
    refusal: [400, "InvalidArgument", expect.any(String)],
  },
  {
    title: "without a policy",
    options: { changed: { Policy: undefined } },
    refusal: [403, "AccessDenied", "Access Denied"],
  },
  {
    title: "without a signature",
    options: { changed: { "X-Amz-Signature": undefined } },
    refusal: [400, "InvalidArgument", missing("X-Amz-Signature")],
  },
  {
    title: "without a key",
    options: { changed: { key: undefined } },
    refusal: [400, "InvalidArgument", missing("key")],
  },
  {
    title: "without a file",
    options: { file: null },
    refusal: [400, "InvalidArgument", "POST requires exactly one file upload per request."],
  },
  {
    title: "with more than 20 KB before its file",
    options: { changed: { "x-ignore-story": "x".repeat(20_481) } },
    refusal: [
      400,
      "MaxPostPreDataLengthExceededError",
      "Your POST request fields preceding the upload file were too large.",
    ],
  },
])("a form $title is refused", async ({ options, refusal }) => {
  const Bucket = await endpoint.createBucket();
  expect((await upload(Bucket, options)).refusal).toEqual(refusal);
  expect(await stored(Bucket)).toEqual([]);
});

const INVALID = "Invalid Policy: ";
behaves.each<{ title: string; policy: Parameters<typeof withPolicy>[1]; message: string }>([
  { title: "that is not JSON", policy: () => "expiration", message: "Invalid JSON." },
  {
    title: "without an expiration",
    policy: ({ conditions }) => ({ conditions }),
    message: "Policy missing expiration.",
  },
  {
    title: "with an invalid expiration",
    policy: (signed) => ({ ...signed, expiration: "tomorrow" }),
    message: "Invalid 'expiration' value: 'tomorrow'",
  },
  {
    title: "without conditions",
    policy: ({ expiration }) => ({ expiration }),
    message: "Policy missing conditions.",
  },
  {
    title: "with two fields in one condition",
    policy: ({ expiration }) => ({ expiration, conditions: [{ bucket: "a", key: "b" }] }),
    message: "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
  },
])("a policy $title is refused", async ({ policy, message }) => {
  const { refusal } = await withPolicy(await endpoint.createBucket(), policy);
  expect(refusal).toEqual([400, "InvalidPolicyDocument", INVALID + message]);
});

behaves("a POST that is not a form is refused", async () => {
  const Bucket = await endpoint.createBucket();
  const { refusal, element } = await send(`${endpoint.s3Url}/${Bucket}`, "key=a.jpg", undefined, {
    "content-type": "application/x-www-form-urlencoded",
  });
  expect([refusal[0], refusal[1], element("Condition")]).toEqual([
    412,
    "PreconditionFailed",
    "Bucket POST must be of the enclosure-type multipart/form-data",
  ]);
});

behaves("a form that is cut off inside its file is refused, and nothing is stored", async () => {
  const Bucket = await endpoint.createBucket();
  const { url, fields } = await createPresignedPost(s3, { Bucket, Key: "a.jpg" });
  const parts = Object.entries(fields).map(
    ([name, value]) => `--cut\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const file = '--cut\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\nhalf of it';
  const { refusal } = await send(url, parts.join("") + file, undefined, {
    "content-type": "multipart/form-data; boundary=cut",
  });
  expect(refusal).toEqual([
    400,
    "MalformedPOSTRequest",
    "The body of your POST request is not well-formed multipart/form-data.",
  ]);
  expect(await stored(Bucket)).toEqual([]);
});

behaves("a form for a missing bucket is refused", async () => {
  expect((await upload("thumbsmith-no-such-bucket")).refusal.slice(0, 2)).toEqual([404, "NoSuchBucket"]);
});
