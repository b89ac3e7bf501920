import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { preflight } from "../commands/preflight.ts";

const KEY = "arn:aws:kms:eu-central-1:123456789012:key/theirs";
const MACHINE = ["node", "pnpm", "npm", "sst", "config", "artefact", "region", "account", "concurrency"];

/** What AWS answers about the bucket, by what is requested. */
const ANSWERS: Record<string, string> = {
  head: "eu-central-1",
  notification:
    "<NotificationConfiguration><EventBridgeConfiguration></EventBridgeConfiguration></NotificationConfiguration>",
  versioning: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
  encryption: encryptedWith("theirs"),
  "list-type": "<ListBucketResult></ListBucketResult>",
  sts: "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
  kms: JSON.stringify({
    KeyMetadata: { KeyId: "theirs", Arn: KEY, KeyState: "Enabled", KeyManager: "CUSTOMER" },
  }),
};

function encryptedWith(key?: string): string {
  const id = key ? `<KMSMasterKeyID>${key}</KMSMasterKeyID>` : "";
  const algorithm = key ? "aws:kms" : "AES256";
  return `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>${algorithm}</SSEAlgorithm>${id}</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`;
}

let server: Server;
let owners: (string | undefined)[];
afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
});

function answerTo(request: IncomingMessage, answers: Record<string, string>): string | undefined {
  const query = new URL(request.url ?? "", "http://aws").searchParams;
  const asked = Object.keys(answers).find((name) => query.has(name));
  if (asked) return answers[asked];
  return request.headers["x-amz-target"] ? answers.kms : answers.sts;
}

/** Runs `preflight` against a fake AWS with these answers: `head` is the region, and the status if it is not 200. */
async function check(changes: Record<string, string> = {}, UPLOADS_KEY_ARN = KEY) {
  owners = [];
  server = createServer((request, response) => {
    owners.push(request.headers["x-amz-expected-bucket-owner"] as string | undefined);
    const answers = { ...ANSWERS, ...changes };
    const answer = answerTo(request, answers) ?? "";
    response.setHeader("connection", "close");
    if (request.method === "HEAD") {
      const [region = "", status] = answers.head?.split(" ") ?? [];
      response.writeHead(Number(status ?? 200), { "x-amz-bucket-region": region }).end();
      return;
    }
    if (answer === "AccessDenied") response.statusCode = 403;
    response.end(answer === "AccessDenied" ? `<Error><Code>${answer}</Code></Error>` : answer);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const variables = {
    ...{ AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "someone", AWS_SECRET_ACCESS_KEY: "secret" },
    ...{ UPLOADS_BUCKET: "their-pictures", UPLOADS_KEY_ARN, ALLOWED_ACCOUNT_IDS: "123456789012" },
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  return preflight.run({
    args: [],
    signal: new AbortController().signal,
    connect: () => Promise.reject(new Error("No stage")),
    options: { stage: "production", skip: MACHINE },
  });
}

it("accepts a bucket that is ready", async () => {
  const { data, found, text } = await check();
  expect(data).toMatchObject([
    { id: "uploads.bucket", result: "ok" },
    { id: "uploads.notification", result: "ok", found: "to EventBridge" },
    { id: "uploads.versioning", result: "ok", found: "Enabled" },
    { id: "uploads.encryption", result: "ok", found: `${KEY}, Enabled` },
    { id: "uploads.list", result: "ok" },
  ]);
  expect(found).toBe(false);
  expect(text).not.toContain("put-bucket-notification-configuration");
  expect(owners).toContain("123456789012");
});

it("prints commands that turn EventBridge on and keep the existing notifications", async () => {
  const { found, text } = await check({
    notification: "<NotificationConfiguration></NotificationConfiguration>",
  });
  expect(found).toBe(true);
  const lines = text.split("\n").map((line) => line.trim());
  const [read, , write] = lines.slice(lines.findIndex((line) => line.startsWith("aws s3api get-")));
  expect(read).toMatch(/^aws s3api get-bucket-notification-configuration --bucket their-pictures > /);
  expect(write).toMatch(
    /^aws s3api put-bucket-notification-configuration .* file:\/\/with-eventbridge.json$/,
  );
});

it.each<[string, Record<string, string>, string, string, string]>([
  ["does not exist", { head: "eu-central-1 404" }, KEY, "uploads.bucket", "none"],
  ["is in another region", { head: "us-east-1 301" }, KEY, "uploads.bucket", "not in eu-central-1"],
  [
    "uses another key",
    { kms: '{"KeyMetadata":{"Arn":"arn:other","KeyState":"Enabled"}}' },
    KEY,
    "uploads.encryption",
    "arn:other, Enabled",
  ],
  ["uses a key that UPLOADS_KEY_ARN does not name", {}, "", "uploads.encryption", `${KEY}, Enabled`],
  [
    "has no key of its own",
    { encryption: encryptedWith() },
    KEY,
    "uploads.encryption",
    "S3's or AWS's own key",
  ],
])("finds that the bucket %s", async (_, changes, key, id, found) => {
  const { data } = await check(changes, key);
  expect(data).toContainEqual(expect.objectContaining({ id, found, result: "differs" }));
});

it.each([
  ["S3's own", { encryption: encryptedWith() }],
  ["AWS's own", { kms: '{"KeyMetadata":{"Arn":"arn:aws","KeyManager":"AWS"}}' }],
])("asks for no key when the bucket uses %s", async (_, changes) => {
  const { data } = await check(changes, "");
  expect(data).toContainEqual(expect.objectContaining({ id: "uploads.encryption", result: "ok" }));
});

it("explains what it means to keep no versions, but accepts it", async () => {
  const { data } = await check({ versioning: "<VersioningConfiguration></VersioningConfiguration>" });
  expect(data).toContainEqual(
    expect.objectContaining({
      id: "uploads.versioning",
      result: "ok",
      found: expect.stringMatching(/^none: /),
    }),
  );
});

it("says where the bucket is, if S3 reveals it", async () => {
  const { data } = await check({ head: "eu-west-1" });
  expect(data).toContainEqual(
    expect.objectContaining({ id: "uploads.bucket", found: "in eu-west-1, not in eu-central-1" }),
  );
});

it("names the missing permission", async () => {
  await expect(check({ "list-type": "AccessDenied" })).rejects.toThrow("not allowed: s3:ListBucket");
});
