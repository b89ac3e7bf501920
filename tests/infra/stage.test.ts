import { type ConfigInput, defineConfig } from "@thumbsmith/shared";
import { fromPlatform } from "@thumbsmith/synth";
import { describe, expect, it } from "vitest";
import { readStage } from "../../infra/stage.ts";
import { synth } from "./synth-process.ts";

const ruleOf = (prefix: string) => ({
  prefix,
  formats: ["jpeg" as const],
  variants: [{ prefix: `t/${prefix}`, width: 9 }],
});
const THEIR_KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

describe("readStage", () => {
  it("has a default for everything except the stage", () => {
    expect(readStage("kim", {})).toEqual({
      name: "kim",
      app: "thumbsmith",
      prefix: "thumbsmith-kim",
      region: undefined,
      retained: false,
      uploads: undefined,
      allowedAccountIds: [],
      permissionsBoundary: undefined,
      alarmEmails: [],
      alarmWebhook: false,
      logRetentionDays: 365,
      monthlyBudget: undefined,
      canary: false,
      cdn: undefined,
    });
  });

  it("reads everything else from the environment", () => {
    const variables = {
      PROJECT_NAME: "pictures",
      AWS_REGION: "eu-central-1",
      ALLOWED_ACCOUNT_IDS: "111122223333",
      PERMISSIONS_BOUNDARY: "arn:aws:iam::111122223333:policy/boundary",
      ALARM_EMAILS: "ops@example.com, kim@example.com",
      ALARM_WEBHOOK: "true",
      LOG_RETENTION_DAYS: "30",
      MONTHLY_BUDGET_USD: "49.5",
      CDN: "img.example.com",
      UPLOADS_BUCKET: "their-pictures",
      UPLOADS_KEY_ARN: THEIR_KEY,
      CANARY: "true",
    };
    expect(readStage("Production", variables)).toEqual({
      name: "Production",
      app: "pictures",
      prefix: "pictures-Production",
      region: "eu-central-1",
      retained: true,
      uploads: { bucket: "their-pictures", keyArn: THEIR_KEY },
      allowedAccountIds: ["111122223333"],
      permissionsBoundary: "arn:aws:iam::111122223333:policy/boundary",
      alarmEmails: ["ops@example.com", "kim@example.com"],
      alarmWebhook: true,
      logRetentionDays: 30,
      monthlyBudget: 49.5,
      canary: true,
      cdn: { domain: "img.example.com" },
    });
  });

  it("accepts every retention that CloudWatch Logs does", () => {
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
    const months = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827];
    for (const days of [...months, 2192, 2557, 2922, 3288, 3653]) {
      expect(readStage("kim", { LOG_RETENTION_DAYS: String(days) }).logRetentionDays).toBe(days);
    }
  });

  it("uses AWS_DEFAULT_REGION if AWS_REGION is not set", () => {
    const AWS_DEFAULT_REGION = "eu-west-1";
    expect(readStage("production", { AWS_DEFAULT_REGION }).region).toBe("eu-west-1");
    expect(readStage("production", { AWS_DEFAULT_REGION, AWS_REGION: "eu-west-2" }).region).toBe("eu-west-2");
  });

  it.each(["production", "prod", "staging", "Staging"])("requires a region for %s", (stage) => {
    expect(() => readStage(stage, {})).toThrow(/AWS_REGION: expected a region for \w+, whose data is kept/);
  });

  it("treats an empty variable as unset", () => {
    expect(readStage("kim", { AWS_REGION: "", MONTHLY_BUDGET_USD: "" })).toEqual(readStage("kim", {}));
  });

  it.each([
    ["AWS_REGION", "us-moon-1", /AWS_REGION: expected one of "us-east-1", .*found "us-moon-1"/],
    ["PROJECT_NAME", "My_App", /PROJECT_NAME: expected .*hyphens, found "My_App"/],
    ["ALLOWED_ACCOUNT_IDS", "111122223333,42", /ALLOWED_ACCOUNT_IDS\[1\]: expected .*digits, found "42"/],
    [
      "PERMISSIONS_BOUNDARY",
      "boundary",
      /PERMISSIONS_BOUNDARY: expected a policy's ARN such as .*found "boundary"/,
    ],
    ["ALARM_EMAILS", "ops", /ALARM_EMAILS\[0\]: expected an e-mail address, found "ops"/],
    ["ALARM_WEBHOOK", "yes", /ALARM_WEBHOOK: expected one of "true", "false", found "yes"/],
    ["LOG_RETENTION_DAYS", "31", /LOG_RETENTION_DAYS: expected one of 1, 3, .*found 31/],
    ["MONTHLY_BUDGET_USD", "-1", /MONTHLY_BUDGET_USD: expected at least 0, found -1/],
    ["UPLOADS_BUCKET", "My_Bucket", /UPLOADS_BUCKET: expected the name of an S3 bucket, found "My_Bucket"/],
    [
      "UPLOADS_KEY_ARN",
      "alias/theirs",
      /UPLOADS_KEY_ARN: expected a key's ARN such as .*found "alias\/theirs"/,
    ],
    ["UPLOADS_KEY_ARN", THEIR_KEY, /UPLOADS_KEY_ARN: expected no key without UPLOADS_BUCKET, found "arn/],
    ["CDN", "cloudfront", /CDN: expected "true", "false", or a domain such as .*found "cloudfront"/],
    ["MONTHLY_BUDGET_USD", "a lot", /MONTHLY_BUDGET_USD: expected a number, found NaN/],
  ])("refuses %s=%s", (name, value, message) => {
    expect(() => readStage("kim", { [name]: value })).toThrow(message);
  });

  it.each([
    ["production", {}, true],
    ["production", { CANARY: "false" }, false],
    ["kim", {}, false],
    ["kim", { CANARY: "true" }, true],
    ["production", { UPLOADS_BUCKET: "their-pictures" }, false],
    ["production", { UPLOADS_BUCKET: "their-pictures", CANARY: "true" }, true],
  ])("sends a canary from %s with %j: %s", (stage, variables, canary) => {
    expect(readStage(stage, { AWS_REGION: "us-east-1", ...variables }).canary).toBe(canary);
  });

  it("refuses a key in a region other than the bucket's, which S3 could not use", () => {
    const variables = { UPLOADS_BUCKET: "b-b", UPLOADS_KEY_ARN: THEIR_KEY, AWS_REGION: "us-east-1" };
    expect(() => readStage("kim", variables)).toThrow(/UPLOADS_KEY_ARN: expected a key in us-east-1, where/);
  });

  it.each<[string, Partial<ConfigInput>, RegExp]>([
    [
      "origins",
      { buckets: { corsOrigins: ["https://example.com"] } },
      /thumbsmith\.config\.ts, with UPLOADS_BUCKET, is not valid:\n {2}buckets\.corsOrigins: expected none: set them/,
    ],
    [
      "an expiry",
      { buckets: { expireUploadsAfterDays: 9 } },
      /buckets\.expireUploadsAfterDays: expected none: set a lifecycle on the bucket yourself, found 9/,
    ],
    [
      "more prefixes than fit into a rule",
      { rules: Array.from({ length: 60 }, (_, i) => ruleOf(`${"p".repeat(20)}${i}/`)) },
      /rules: expected prefixes that fit into a rule of EventBridge, of 2048 characters, found \d{4}/,
    ],
  ])("refuses %s in the configuration of a bucket that exists", (_, given, message) => {
    const config = defineConfig({ rules: [ruleOf("uploads/")], ...given });
    expect(() => readStage("kim", { UPLOADS_BUCKET: "their-pictures" }, config)).toThrow(message);
  });

  it("uses CloudFront's own domain for CDN=true", () => {
    expect(readStage("kim", { CDN: "true" }).cdn).toEqual({ domain: undefined });
  });

  it("refuses a stage that cannot be part of a name", () => {
    expect(() => readStage("kim/2", {})).toThrow(/stage: expected .*found "kim\/2"/);
  });

  it("accepts only regions that the AWS provider knows", () => {
    const known: string[] = Object.values(fromPlatform("@pulumi/aws").Region);
    const ours = known.filter((region) => !/^(cn|us-gov|us-iso|us-isob|eu-isoe)-/.test(region));
    expect(ours.map((AWS_REGION) => readStage("kim", { AWS_REGION }).region)).toEqual(ours);
  });
});

describe("nothing is made", () => {
  it.each([
    ["in an unknown region", ["--region", "us-moon-1"], {}, /AWS_REGION: expected one of/],
    [
      "for a retained stage without a region",
      ["--stage", "prod"],
      {},
      /AWS_REGION: expected a region for prod/,
    ],
    [
      "by sst dev on a retained stage",
      ["--stage", "production", "--dev"],
      { AWS_REGION: "us-east-1" },
      /"sst dev" would replace/,
    ],
    ["for a webhook whose secret is not set", [], { ALARM_WEBHOOK: "true" }, /sst secret set AlarmWebhook/],
  ])("%s", async (_why, options, environment, message) => {
    await expect(synth(options, environment)).rejects.toThrow(message);
  });
});
