import {
  type CORSRule,
  DeleteBucketCorsCommand,
  GetBucketCorsCommand,
  PutBucketCorsCommand,
} from "@aws-sdk/client-s3";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";
import { presign, send } from "./raw.ts";

const endpoint = await connect();
const { s3 } = endpoint;
afterAll(() => endpoint.close());

const RULE = {
  AllowedOrigins: ["https://app.example", "https://*.preview.example"],
  AllowedMethods: ["PUT"],
  AllowedHeaders: ["Content-Type", "x-amz-*"],
  ExposeHeaders: ["ETag"],
  MaxAgeSeconds: 600,
} satisfies CORSRule;

async function bucketWith(...CORSRules: CORSRule[]): Promise<string> {
  const Bucket = await endpoint.createBucket();
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  return Bucket;
}

const ask = (bucket: string, origin: string, method: string, headers?: string) =>
  send(endpoint, {
    method: "OPTIONS",
    path: `/${bucket}/photo.jpg`,
    headers: {
      origin,
      "access-control-request-method": method,
      ...(headers ? { "access-control-request-headers": headers } : {}),
    },
  });

behaves("a CORS configuration is returned as it was set, and can be deleted", async () => {
  const Bucket = await bucketWith(RULE);
  expect((await s3.send(new GetBucketCorsCommand({ Bucket }))).CORSRules).toEqual([RULE]);
  await s3.send(new DeleteBucketCorsCommand({ Bucket }));
  const read = s3.send(new GetBucketCorsCommand({ Bucket }));
  expect(await refusal(read)).toEqual([404, "NoSuchCORSConfiguration"]);
});

behaves("a preflight answers what a browser may send", async () => {
  const { status, headers } = await ask(
    await bucketWith(RULE),
    "https://app.example",
    "PUT",
    "content-type, x-amz-meta-a",
  );
  expect({ status, headers }).toMatchObject({
    status: 200,
    headers: {
      "access-control-allow-origin": "https://app.example",
      "access-control-allow-methods": "PUT",
      "access-control-allow-headers": "content-type, x-amz-meta-a",
      "access-control-expose-headers": "ETag",
      "access-control-max-age": "600",
      "access-control-allow-credentials": "true",
    },
  });
});

behaves("an origin may have a wildcard", async () => {
  const { headers } = await ask(await bucketWith(RULE), "https://pr-7.preview.example", "PUT");
  expect(headers["access-control-allow-origin"]).toBe("https://pr-7.preview.example");
});

behaves.each([
  { title: "origin", origin: "https://evil.example", method: "PUT", header: "content-type" },
  { title: "method", origin: "https://app.example", method: "DELETE", header: "content-type" },
  { title: "header", origin: "https://app.example", method: "PUT", header: "x-other" },
])("a request with another $title is not allowed", async ({ origin, method, header }) => {
  const { status, code, headers } = await ask(await bucketWith(RULE), origin, method, header);
  expect({ status, code }).toEqual({ status: 403, code: "AccessForbidden" });
  expect(headers["access-control-allow-origin"]).toBeUndefined();
});

behaves("a bucket without a configuration allows no other origin", async () => {
  const { status, code } = await ask(await endpoint.createBucket(), "https://app.example", "PUT");
  expect({ status, code }).toEqual({ status: 403, code: "AccessForbidden" });
});

behaves("the answer can only be read by the origins of a rule", async () => {
  const Bucket = await bucketWith(RULE);
  const put = async (origin: string) => {
    const url = await presign(endpoint, { method: "PUT", path: `/${Bucket}/photo.jpg` });
    return send(endpoint, { ...url, headers: { ...url.headers, origin }, body: "x" });
  };
  const [ours, other] = [await put("https://app.example"), await put("https://evil.example")];
  expect(ours.headers["access-control-allow-origin"]).toBe("https://app.example");
  // CORS only restricts browsers: a signed request may write anyway.
  expect(other.status).toBe(200);
  expect(other.headers["access-control-allow-origin"]).toBeUndefined();
});

behaves.each([
  { title: "another method", rule: { ...RULE, AllowedMethods: ["OPTIONS"] } },
  { title: "two wildcards", rule: { ...RULE, AllowedOrigins: ["https://*.*.example"] } },
])("a rule with $title is refused", async ({ rule }) => {
  expect(await refusal(bucketWith(rule))).toEqual([400, "InvalidRequest"]);
});
