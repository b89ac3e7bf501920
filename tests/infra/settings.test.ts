import path from "node:path";
import { type Options, root, synthesize } from "@thumbsmith/synth";
import { describe, expect, it } from "vitest";
import { examples } from "./examples.ts";

describe("from the environment", () => {
  it("come the names and the accounts that are allowed", async () => {
    const environment = { PROJECT_NAME: "pictures", ALLOWED_ACCOUNT_IDS: "111122223333" };
    const { data } = await synthesize({ stage: "kim", environment });
    expect(data.app).toMatchObject({
      name: "pictures",
      providers: { aws: { allowedAccountIds: ["111122223333"] } },
    });
    expect(data.outputs.uploadsBucket).toMatch(/^pictures-kim-uploadsbucket-/);
  });

  it("comes the region, unless the AWS profile that SST uses has it", async () => {
    const inProfile = { stage: "kim", profileRegion: "eu-central-1" };
    const graphs = [
      await synthesize({ ...inProfile, environment: { AWS_DEFAULT_REGION: "eu-west-1" } }),
      await synthesize(inProfile),
    ];
    const regions = graphs.map(({ data }) => [data.app.providers.aws.region, data.outputs.region]);
    expect(regions).toEqual([
      ["eu-west-1", "eu-west-1"],
      ["eu-central-1", "eu-central-1"],
    ]);
    const { dashboardUrl } = graphs[1]?.data.outputs ?? {};
    expect(dashboardUrl).toMatch(/^https:\/\/eu-central-1\.console/);
  });

  it("come the subscribers of alarms, by e-mail and through a secret webhook", async () => {
    const graph = await synthesize({
      stage: "kim",
      environment: {
        ALARM_EMAILS: "ops@example.com",
        ALARM_WEBHOOK: "true",
        SST_SECRET_AlarmWebhook: "https://example.com/hook",
      },
    });
    const topic = graph.one("sns.Topic", "AlarmsTopic").outputs.arn;
    expect(graph.all("sns.TopicSubscription").map(({ inputs }) => inputs)).toEqual([
      { topic, protocol: "email", endpoint: "ops@example.com" },
      { topic, protocol: "https", endpoint: "https://example.com/hook" },
    ]);
  });

  it("comes a budget, whose alarms may reach the encrypted topic", async () => {
    const graph = await synthesize({ stage: "kim", environment: { MONTHLY_BUDGET_USD: "50" } });
    const { inputs } = graph.one("budgets.Budget", "Budget");
    expect(inputs).toMatchObject({ limitAmount: "50", limitUnit: "USD", timeUnit: "MONTHLY" });
    expect(
      inputs.notifications.map((n: { notificationType: string; threshold: number }) => [
        n.notificationType,
        n.threshold,
      ]),
    ).toEqual([
      ["ACTUAL", 80],
      ["FORECASTED", 100],
    ]);
    const policies = [graph.one("kms.Key", "AlarmKey"), graph.one("sns.TopicPolicy", "AlarmsPolicy")];
    for (const policy of policies) expect(policy.inputs.policy).toContain("budgets.amazonaws.com");
  });

  it.each([
    ["false", []],
    ["true", ["https://d111111abcdef8.cloudfront.net"]],
    ["img.example.com", ["https://img.example.com"]],
  ])("comes the URL that thumbnails are served under: CDN=%s", async (CDN, expected) => {
    const { data } = await synthesize({ stage: "kim", environment: { CDN } });
    expect([data.outputs.cdnUrl].filter(Boolean)).toEqual(expected);
  });

  it("comes the boundary of every role, also of added ones", async () => {
    const boundary = "arn:aws:iam::111122223333:policy/boundary";
    const environment = { PERMISSIONS_BOUNDARY: boundary, CANARY: "true" };
    const addition = path.join(import.meta.dirname, "additions/every-kind.ts");
    const roles = (await synthesize({ stage: "kim", environment, addition })).all("iam.Role");
    expect(roles.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["SubscriberRole", "CanaryScheduleRole", "RogueFunctionRole"]),
    );
    for (const { inputs } of roles) expect(inputs.permissionsBoundary).toBe(boundary);
  });

  it("comes the retention of logs", async () => {
    const graph = await synthesize({ stage: "kim", environment: { LOG_RETENTION_DAYS: "30" } });
    expect(graph.one("cloudwatch.LogGroup", "SubscriberLogGroup").inputs.retentionInDays).toBe(30);
  });
});

describe("from the configuration", () => {
  const configured = (config: string): Options => ({
    stage: "kim",
    edit: (file, source) =>
      file === "thumbsmith.config.ts"
        ? `import { defineConfig } from "@thumbsmith/shared"; export default defineConfig(${config});`
        : source,
  });

  it("come the web origins that may upload, only to the uploads bucket", async () => {
    const graph = await synthesize(
      configured(`{
        rules: [{ prefix: "uploads/", variants: [{ prefix: "thumbnails/", width: 150 }] }],
        buckets: { corsOrigins: ["https://example.com"] },
      }`),
    );
    const cors = graph.all("s3.BucketCorsConfigurationV2");
    expect(cors.map(({ name }) => name)).toEqual(["UploadsCors"]);
    expect(cors[0]?.inputs.corsRules).toEqual([
      {
        allowedHeaders: ["*"],
        allowedMethods: ["PUT", "POST"],
        allowedOrigins: ["https://example.com"],
        exposeHeaders: ["ETag"],
        maxAgeSeconds: 3600,
      },
    ]);
  });

  it("come the days that sources and old versions are kept", async () => {
    const graph = await synthesize(
      configured(`{
        rules: [{ prefix: "uploads/", variants: [{ prefix: "thumbnails/", width: 150 }] }],
        buckets: { expireUploadsAfterDays: 90, keepOldVersionsDays: 5 },
      }`),
    );
    const { rules } = graph.one("s3.BucketLifecycleConfigurationV2", "UploadsLifecycle").inputs;
    expect(rules).toMatchObject([
      { noncurrentVersionExpiration: { noncurrentDays: 5 } },
      { filter: { prefix: "uploads/" }, expiration: { days: 90 } },
    ]);
    expect(graph.one("s3.BucketLifecycleConfigurationV2", "ThumbnailsLifecycle").inputs.rules).toHaveLength(
      1,
    );
  });

  it("comes one notification for a prefix under which any name is accepted", async () => {
    const graph = await synthesize(
      configured(`{
        rules: [
          { prefix: "photos/", names: "any", variants: [{ prefix: "small/", width: 150 }] },
          { prefix: "photos/cats/", variants: [{ prefix: "cats/", width: 150 }] },
          { prefix: "scans/", formats: ["webp"], variants: [{ prefix: "scanned/", width: 150 }] },
        ],
      }`),
    );
    const { queues } = graph.one("s3.BucketNotification", "UploadsEvents").inputs;
    const filters: { filterPrefix: string; filterSuffix?: string }[] = queues;
    expect(filters.map(({ filterPrefix, filterSuffix }) => [filterPrefix, filterSuffix])).toEqual([
      ["photos/", undefined],
      ["scans/", ".webp"],
      ["scans/", ".WEBP"],
      ["scans/", ".Webp"],
    ]);
  });

  it("come exactly the prefixes of the role", async () => {
    const graph = await synthesize(
      configured(`{
        rules: [
          { prefix: "photos/", variants: [{ prefix: "small/", width: 150 }, { prefix: "large/", width: 1500 }] },
          { prefix: "what$?/", variants: [{ prefix: "stars/", width: 150 }] },
        ],
        retired: ["old/"],
      }`),
    );
    const filters = graph.one("s3.BucketNotification", "UploadsEvents").inputs.queues;
    expect(new Set(filters.map(({ filterPrefix }: { filterPrefix: string }) => filterPrefix))).toEqual(
      new Set(["photos/", "what%24%3F/"]),
    );
    const [{ policy }] = graph.one("iam.Role", "SubscriberRole").inputs.inlinePolicies;
    const { uploadsBucket, thumbnailsBucket } = graph.data.outputs;
    const [read, write, remove, missing] = JSON.parse(policy).Statement;
    expect(read.Resource).toEqual([
      `arn:aws:s3:::${uploadsBucket}/photos/*`,
      `arn:aws:s3:::${uploadsBucket}/what\${$}\${?}/*`,
    ]);
    const under = (...prefixes: string[]) =>
      prefixes.map((prefix) => `arn:aws:s3:::${thumbnailsBucket}/${prefix}/*`);
    expect(write).toMatchObject({
      Action: ["s3:PutObject"],
      Resource: under("manifests", "small", "large", "stars"),
    });
    expect(remove).toMatchObject({
      Action: ["s3:GetObject", "s3:DeleteObject"],
      Resource: under("manifests", "small", "large", "stars", "old"),
    });
    expect(missing.Condition).toEqual({ StringLike: { "s3:prefix": ["photos/*", `what\${$}\${?}/*`] } });
  });

  it("come the limits of an invocation", async () => {
    const graph = await synthesize(
      configured(`{
        rules: [{ prefix: "uploads/", variants: [{ prefix: "thumbnails/", width: 150 }] }],
        limits: { memory: 3008, timeout: 120, concurrency: 25 },
      }`),
    );
    expect(graph.all("lambda.Function")[0]?.inputs).toMatchObject({ memorySize: 3008, timeout: 120 });
    expect(graph.all("lambda.EventSourceMapping")[0]?.inputs.scalingConfig).toEqual({
      maximumConcurrency: 25,
    });
    expect(graph.one("sqs.Queue", "JobsQueue").inputs.visibilityTimeoutSeconds).toBe(720);
  });
});

it("derives every name that is shared in the account from the key's alias, which AWS makes only once", async () => {
  const graph = await synthesize({
    stage: "kim",
    environment: { MONTHLY_BUDGET_USD: "50" },
    addition: examples,
    edit: (file, source) =>
      file === "infra/names.ts" ? source.replace(/alias\/[^`]+/, "alias/claimed") : source,
  });
  const namesOf = (type: string, property = "name") => graph.all(type).map(({ inputs }) => inputs[property]);
  const names = [
    ...namesOf("cloudwatch.MetricAlarm"),
    ...namesOf("cloudwatch.Dashboard", "dashboardName"),
    ...namesOf("cloudwatch.EventRule"),
    ...namesOf("budgets.Budget"),
    graph.one("lambda.Function", "SubscriberFunction").inputs.environment.variables.POWERTOOLS_SERVICE_NAME,
  ];
  expect(names.length).toBeGreaterThan(9);
  for (const name of names) expect(name).toMatch(/^claimed/);
});

it("has an example that sends alarms to a Slack channel, without giving it any rights", async () => {
  const addition = path.join(root, "examples/alarms-in-slack/infra.ts");
  const graph = await synthesize({ stage: "kim", addition });
  expect(graph.one("chatbot.SlackChannelConfiguration", "AlarmsInSlack").inputs).toMatchObject({
    configurationName: "thumbsmith-kim-alarms",
    snsTopicArns: [graph.data.outputs.alarmTopicArn],
    guardrailPolicyArns: ["arn:aws:iam::aws:policy/AWSDenyAll"],
  });
  expect(graph.one("iam.Role", "AlarmsInSlackRole").inputs.inlinePolicies).toBeUndefined();
});
