// Uploads by a form in a browser: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { createPresignedPost, type PresignedPostOptions } from "@aws-sdk/s3-presigned-post";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { names, notifications, rule } from "./notifications.ts";

const endpoint = await connect();
const { s3 } = endpoint;
const { bucketAndQueue, configure, records } = notifications(endpoint);
afterAll(() => endpoint.close());

type Fields = Record<string, string>;
type Changes = Record<string, string | undefined>;

interface Options extends Partial<PresignedPostOptions> {
  client?: S3Client;
  /** Fields that the page adds to the signed ones, changes or leaves out. */
  changed?: Changes;
  file?: File | null;
  origin?: string;
}

/** S3's variable, not a template's. */
const FILENAME = "$" + "{filename}";

const photo = (bytes = "hello", name = "holiday.jpg") =>
  new File([bytes], name, { type: "image/x-of-the-file" });

/** Signs a form as an application's server does, and sends it as a browser does. */
async function upload(
  Bucket: string,
  { client = s3, changed = {}, file = photo(), origin, ...options }: Options = {},
) {
  const { url, fields } = await createPresignedPost(client, { Key: "a.jpg", ...options, Bucket });
  const form = new FormData();
  for (const [name, value] of Object.entries<string | undefined>({ ...fields, ...changed }))
    if (value !== undefined) form.set(name, value);
  if (file) form.set("file", file);
  return send(url, form, origin);
}

async function send(url: string, body: FormData | string, origin?: string, headers: Fields = {}) {
  const given = origin === undefined ? headers : { ...headers, origin };
  const response = await fetch(url, { method: "POST", body, headers: given, redirect: "manual" });
  const text = await response.text();
  const element = (name: string) =>
    new RegExp(`<${name}>(.*?)</${name}>`, "s").exec(text)?.[1]?.replaceAll("&quot;", '"');
  return {
    status: response.status,
    headers: response.headers,
    text,
    element,
    refusal: [response.status, element("Code"), element("Message")],
  };
}

/** Sends a form with only a policy, which no library would write. */
async function withPolicy(
  Bucket: string,
  policy: (signed: { expiration: string; conditions: unknown[] }) => unknown,
) {
  const { url, fields } = await createPresignedPost(s3, { Bucket, Key: "a.jpg" });
  const signed = JSON.parse(Buffer.from(fields.Policy ?? "", "base64").toString());
  const document = policy(signed);
  const text = typeof document === "string" ? document : JSON.stringify(document);
  const Policy = Buffer.from(text).toString("base64");
  const form = new FormData();
  const signature = await signPolicy(fields["X-Amz-Credential"] ?? "", Policy);
  for (const [name, value] of Object.entries({ ...fields, Policy, "X-Amz-Signature": signature }))
    form.set(name, value);
  form.set("file", photo());
  return send(url, form);
}

async function signPolicy(credential: string, policy: string): Promise<string> {
  const [, ...scope] = credential.split("/");
  const hmac = async (secret: Uint8Array<ArrayBuffer>, text: string) => {
    const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
    ]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text)));
  };
  let key = new Uint8Array(new TextEncoder().encode(`AWS4${endpoint.credentials.secretAccessKey}`));
  for (const part of scope) key = await hmac(key, part);
  return Buffer.from(await hmac(key, policy)).toString("hex");
}

const stored = async (Bucket: string) =>
  ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);

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
