import { captureLines } from "@thumbsmith/testing/output";
import type { Context } from "aws-lambda";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Answer, fails, holds, startStub } from "../../test/stub-s3.ts";

const context = { awsRequestId: "r1", getRemainingTimeInMillis: () => 30_000 } as Context;
const manifest = {
  ...{ version: 1, config: "c", madeAt: "2026-11-02T09:14:08.000Z", release: "0.1.0", outcome: "made" },
  source: { key: "k", etag: '"e1"', bytes: 269, format: "jpeg", width: 8, height: 8 },
  outputs: [{ key: "t", etag: '"e2"', format: "jpeg", width: 8, height: 8, bytes: 90 }],
};

type Line = Record<string, unknown>;
let lines: Line[];
beforeEach(() => {
  lines = captureLines();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  vi.resetModules();
});

/** Runs the handler against an S3 with these answers. */
async function run(answer: Answer) {
  const stub = await startStub(answer);
  const variables = {
    UPLOADS_BUCKET: "uploads",
    THUMBNAILS_BUCKET: "thumbnails",
    POWERTOOLS_SERVICE_NAME: "thumbsmith-test",
    POWERTOOLS_METRICS_NAMESPACE: "Thumbsmith",
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(await stub.client.config.endpoint?.())?.port}`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "stub",
    AWS_SECRET_ACCESS_KEY: "stub",
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const { handler } = await import("./handler.ts");
  await handler({}, context).finally(() => stub.stop());
  return { requests: stub.requests, metric: lines.find(({ _aws }) => _aws) };
}

it("publishes the seconds and no failure when the manifest arrives", async () => {
  const { requests, metric } = await run((request, response) =>
    holds(request.url?.includes("manifests/") ? JSON.stringify(manifest) : "")(request, response),
  );
  expect(metric).toMatchObject({
    service: "thumbsmith-test",
    CanaryFailed: 0,
    CanarySeconds: expect.any(Number),
  });
  expect(requests.map(({ method }) => method)).toEqual(["PUT", "GET", "DELETE"]);
});

it("publishes a failure and logs why, without failing itself, when S3 refuses", async () => {
  const { metric } = await run(fails(403, "AccessDenied"));
  expect(metric).toMatchObject({ service: "thumbsmith-test", CanaryFailed: 1 });
  expect(metric).not.toHaveProperty("CanarySeconds");
  expect(lines).toContainEqual(expect.objectContaining({ level: "ERROR", message: "canary" }));
});
