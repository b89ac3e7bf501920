import { readFile } from "node:fs/promises";
import { ListObjectsV2Command, PutBucketNotificationConfigurationCommand } from "@aws-sdk/client-s3";
import { alarmThresholds } from "@thumbsmith/shared";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Operator, startOperator } from "../../test/pipeline.ts";
import { linesOf } from "../verify/policy.ts";
import { verify } from "./verify.ts";

let operator: Operator;
beforeAll(async () => {
  operator = await startOperator();
});
afterAll(() => operator.stop());

describe("thumbsmith verify", () => {
  it("passes every check of the local pipeline, and sends a canary through it", async () => {
    const { found, data, text } = await operator.ask(verify, { wait: 20 });
    expect(found).toBe(false);
    expect((data as { id: string }[]).map(({ id }) => id)).toEqual([
      "uploads.versioning",
      "thumbnails.versioning",
      "uploads.notification",
      "queue.redrive",
      "canary.thumbnail",
      "canary.manifest",
      "canary.removed",
    ]);
    expect(text).toMatch(/✓ canary\.thumbnail +the image, in the right size +as expected/);
    expect(text).toContain("7 of 7 checks passed.");
  });

  it("reports what is broken, in the table and by the canary, unless it is accepted", async () => {
    const { s3, uploadsBucket: Bucket } = operator.target;
    await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} }));
    const { found, text } = await operator.ask(verify, { wait: 1 });
    expect(found).toBe(true);
    expect(text).toMatch(
      /✗ uploads\.notification +120 notifications +missing: s3:ObjectCreated:\* of uploads\/\*\.jpg/,
    );
    expect(text).toMatch(/✗ canary\.manifest +made +none after 1 s/);
    const accepted = await operator.ask(verify, {
      readOnly: true,
      wait: 1,
      accept: ["uploads.notification"],
    });
    expect(accepted.found).toBe(false);
    expect(accepted.text).toContain("3 of 4 checks passed, 1 accepted.");
  });

  it("rejects an unknown check before it does anything", async () => {
    await expect(operator.ask(verify, { wait: 1, accept: ["uploads.policies"] })).rejects.toThrow(
      /Expected --accept to name checks, found uploads\.policies\. The checks are: uploads\.versioning, .*canary\.removed\./,
    );
  });

  it("removes its canary when a bucket is missing, and says that instead of asking for another role", async () => {
    const broken = { ...operator.target, thumbnailsBucket: "no-such-bucket" };
    const failure = await operator
      .askAt(broken, verify, { wait: 1, accept: ["uploads.notification"] })
      .catch((error: Error) => error.message);
    expect(failure).toMatch(
      /\? no-such\.versioning +Enabled +The specified bucket does not exist \(NoSuchBucket\)\. Restart `pnpm local`/,
    );
    expect(failure).not.toContain("Use a role");
    const { s3, uploadsBucket: Bucket } = operator.target;
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).toEqual([]);
  });
});

describe("the lines of a policy", () => {
  it("are the same for two ways to write it", () => {
    const short = {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: "a",
      Condition: { Bool: { k: "false" } },
    };
    const long = {
      Effect: "Deny",
      Principal: { AWS: ["*"] },
      Action: ["s3:*"],
      Resource: ["a"],
      Condition: { Bool: { k: [false] } },
    };
    for (const statement of [short, long])
      expect(linesOf(JSON.stringify({ Statement: [statement] }))).toEqual([
        "deny * s3:* on a when Bool k = false",
      ]);
  });

  it("show inverted elements as they are", () => {
    const Statement = { Effect: "Allow", Principal: "*", NotAction: "s3:GetObject", Resource: "*" };
    expect(linesOf(JSON.stringify({ Statement }))[0]).toMatch(/^Allow with NotAction: /);
  });
});

describe("the alarms", () => {
  it("each have a section in the runbook", async () => {
    const runbook = await readFile(new URL("../../../../docs/operations.md", import.meta.url), "utf8");
    const sections = [...runbook.matchAll(/^### Alarm: (\S+)/gm)].map(([, name]) => name);
    expect(sections).toEqual(Object.keys(alarmThresholds({ timeout: 60 })));
  });
});
