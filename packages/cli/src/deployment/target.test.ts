import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { OUTPUTS } from "../../test/outputs.ts";
import { failures } from "../commands/failures.ts";
import { advice } from "../terminal/advice.ts";
import { commandLine, connect } from "./target.ts";

let directory: string;
let outputs: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-target-"));
  outputs = join(directory, "outputs.json");
  await writeFile(outputs, JSON.stringify(OUTPUTS));
});
afterAll(() => rm(directory, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

describe("the outputs of a deployment", () => {
  it("name the buckets and the function", async () => {
    const target = await connect({ stage: "production", outputs });
    expect(target).toMatchObject({
      label: "stage production",
      uploadsBucket: "uploads",
      deployed: { functionName: "subscriber" },
    });
    target.close();
  });

  it("appear in the next command line, with the configuration", async () => {
    const config = "examples/several-rules/thumbsmith.config.ts";
    vi.stubEnv("INIT_CWD", fileURLToPath(new URL("../../../..", import.meta.url)));
    const target = await connect({ stage: "production", outputs, config });
    expect(commandLine(target, "backfill")).toBe(
      `pnpm thumbsmith backfill --outputs ${outputs} --config ${config}`,
    );
    target.close();
  });

  it.each<[string, { outputs?: string; stage?: string }, string]>([
    [
      "are missing",
      { outputs: "/nowhere.json" },
      "found no such file. Run `pnpm sst deploy --stage <name>` here",
    ],
    [
      "belong to another stage",
      { stage: "kim" },
      "is for stage production, not kim: SST keeps only the outputs of the last deployment",
    ],
    ["are not JSON", { outputs: "broken.json" }, "Expected JSON in "],
    ["are incomplete", { outputs: "partial.json" }, "queueUrl: expected a string, found nothing"],
  ])("are refused when they %s", async (_, where, sentence) => {
    await writeFile(join(directory, "broken.json"), "{");
    await writeFile(join(directory, "partial.json"), JSON.stringify({ ...OUTPUTS, queueUrl: undefined }));
    const file = where.outputs ? join(directory, where.outputs) : outputs;
    await expect(connect({ ...where, outputs: file })).rejects.toThrow(sentence);
  });
});

describe("an error from AWS", () => {
  it.each([
    ["AccessDenied", "AWS refused sqs:GetQueueAttributes: no. Use a role that allows it"],
    ["InvalidClientTokenId", "AWS does not know these credentials (InvalidClientTokenId)"],
    ["ExpiredToken", "The AWS credentials have expired. Run `aws sso login`"],
    ["QueueDoesNotExist", "stage production does not match its outputs"],
  ])("says what to do for %s", async (name, sentence) => {
    const server = createServer((_, response) => {
      response.writeHead(name === "QueueDoesNotExist" ? 400 : 403, {
        "content-type": "application/x-amz-json-1.0",
      });
      response.end(JSON.stringify({ __type: `com.amazonaws.sqs#${name}`, message: "no" }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "someone");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    const target = await connect({ stage: "production", outputs });
    const { signal } = new AbortController();
    const error: unknown = await failures
      .run({ connect: async () => target, args: [], options: { limit: 10 }, signal })
      .catch((e) => e);
    target.close();
    server.close();
    expect(advice(error, target.label)).toMatchObject({ message: expect.stringContaining(sentence) });
  });
});
