import { PutObjectCommand } from "@aws-sdk/client-s3";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";
import { presign, type RawRequest, type Signing, send, sign } from "./raw.ts";

const endpoint = await connect();
const { s3 } = endpoint;
afterAll(() => endpoint.close());

const MINUTE = 60_000;
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * MINUTE);

async function bucketWithObject(): Promise<string> {
  const Bucket = await endpoint.createBucket();
  await s3.send(new PutObjectCommand({ Bucket, Key: "a b+(é).txt", Body: "hello" }));
  return `/${Bucket}/a%20b%2B%28%C3%A9%29.txt`;
}

async function answer(request: RawRequest) {
  const { status, code, body } = await send(endpoint, request);
  return code === undefined ? { status, body } : { status, code };
}

behaves("a signed request is answered", async () => {
  const request = await sign(endpoint, { method: "GET", path: await bucketWithObject() });
  expect(await answer(request)).toEqual({ status: 200, body: "hello" });
});

const WRONG: { title: string; signing: () => Signing; status: number; code: string }[] = [
  {
    title: "another secret",
    signing: () => ({ secretAccessKey: "wrong" }),
    status: 403,
    code: "SignatureDoesNotMatch",
  },
  {
    title: "an unknown key",
    signing: () => ({ accessKeyId: "unknown" }),
    status: 403,
    code: "InvalidAccessKeyId",
  },
  {
    title: "another region",
    signing: () => ({ region: "xx-west-9" }),
    status: 400,
    code: "AuthorizationHeaderMalformed",
  },
  {
    title: "a clock that is 16 minutes slow",
    signing: () => ({ date: minutesAgo(16) }),
    status: 403,
    code: "RequestTimeTooSkewed",
  },
  {
    title: "a clock that is 16 minutes fast",
    signing: () => ({ date: minutesAgo(-16) }),
    status: 403,
    code: "RequestTimeTooSkewed",
  },
];

behaves.each(WRONG)("a request signed with $title is refused", async ({ signing, status, code }) => {
  const request = await sign(endpoint, { method: "GET", path: await bucketWithObject() }, signing());
  expect(await answer(request)).toEqual({ status, code });
});

behaves("a clock that is 14 minutes slow is accepted", async () => {
  const path = await bucketWithObject();
  const request = await sign(endpoint, { method: "GET", path }, { date: minutesAgo(14) });
  expect((await answer(request)).status).toBe(200);
});

behaves("a request without a signature is refused", async () => {
  const path = await bucketWithObject();
  expect(await answer({ method: "GET", path })).toEqual({ status: 403, code: "AccessDenied" });
});

const TAMPERED: { title: string; tamper: (request: RawRequest) => RawRequest; code: string }[] = [
  { title: "another method", tamper: (r) => ({ ...r, method: "DELETE" }), code: "SignatureDoesNotMatch" },
  { title: "another key", tamper: (r) => ({ ...r, path: `${r.path}x` }), code: "SignatureDoesNotMatch" },
  {
    title: "another query",
    tamper: (r) => ({ ...r, query: { versionId: "x" } }),
    code: "SignatureDoesNotMatch",
  },
  {
    title: "another signed header",
    tamper: (r) => ({ ...r, headers: { ...r.headers, "x-amz-meta-a": "2" } }),
    code: "SignatureDoesNotMatch",
  },
  {
    title: "an added x-amz header",
    tamper: (r) => ({ ...r, headers: { ...r.headers, "x-amz-meta-b": "1" } }),
    code: "AccessDenied",
  },
];

behaves.each(TAMPERED)("a request that was changed to $title is refused", async ({ tamper, code }) => {
  const path = await bucketWithObject();
  const signed = await sign(endpoint, { method: "GET", path, headers: { "x-amz-meta-a": "1" } });
  expect(await answer(tamper(signed))).toEqual({ status: 403, code });
});

behaves("a body that is not the signed one is refused, and nothing is stored", async () => {
  const path = await bucketWithObject();
  const hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  const headers = { "content-length": "5", "x-amz-content-sha256": hash };
  const signed = await sign(endpoint, { method: "PUT", path, headers, body: "hullo" });
  expect(await answer(signed)).toEqual({ status: 400, code: "XAmzContentSHA256Mismatch" });
  const read = await sign(endpoint, { method: "GET", path });
  expect(await answer(read)).toEqual({ status: 200, body: "hello" });
});

behaves("a presigned URL reads without further credentials", async () => {
  const request = await presign(endpoint, { method: "GET", path: await bucketWithObject() });
  expect(await answer(request)).toEqual({ status: 200, body: "hello" });
});

behaves("a presigned URL writes what its holder sends", async () => {
  const path = await bucketWithObject();
  const request = await presign(endpoint, { method: "PUT", path });
  const headers = { ...request.headers, "content-length": "3" };
  expect((await answer({ ...request, headers, body: "new" })).status).toBe(200);
  expect(await answer(await presign(endpoint, { method: "GET", path }))).toEqual({
    status: 200,
    body: "new",
  });
});

const BAD_PRESIGNED: {
  title: string;
  signing: () => Parameters<typeof presign>[2];
  status: number;
  code: string;
}[] = [
  {
    title: "has expired",
    signing: () => ({ date: minutesAgo(2), expiresIn: 60 }),
    status: 403,
    code: "AccessDenied",
  },
  {
    title: "is not valid yet",
    signing: () => ({ date: minutesAgo(-60) }),
    status: 403,
    code: "AccessDenied",
  },
  {
    title: "is signed with another secret",
    signing: () => ({ secretAccessKey: "wrong" }),
    status: 403,
    code: "SignatureDoesNotMatch",
  },
  {
    title: "is signed with an unknown key",
    signing: () => ({ accessKeyId: "unknown" }),
    status: 403,
    code: "InvalidAccessKeyId",
  },
];

behaves.each(BAD_PRESIGNED)("a presigned URL that $title is refused", async ({ signing, status, code }) => {
  const request = await presign(endpoint, { method: "GET", path: await bucketWithObject() }, signing());
  expect(await answer(request)).toEqual({ status, code });
});

behaves("a presigned URL for longer than a week is refused", async () => {
  const request = await presign(endpoint, { method: "GET", path: await bucketWithObject() });
  const query = { ...request.query, "X-Amz-Expires": "604801" };
  expect(await answer({ ...request, query })).toEqual({
    status: 400,
    code: "AuthorizationQueryParametersError",
  });
});

behaves("SQS refuses a wrong signature too", async () => {
  const credentials = { ...endpoint.credentials, secretAccessKey: "wrong" };
  const sqs = new SQSClient({ ...endpoint.options, credentials });
  expect((await refusal(sqs.send(new ListQueuesCommand({}))))[0]).toBe(403);
});
