import { describe, expect, inject, it } from "vitest";
import { Graph } from "./graph.ts";
import { type Options, synthesize } from "./synthesize.ts";

const graphs = inject("graphs").map((data) => ({ label: new Graph(data).label, graph: new Graph(data) }));
const suffixes = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".tif", ".tiff"];

describe.each(graphs)("$label", ({ graph }) => {
  const { region } = graph.data.app.providers.aws;
  const bucketOf = (name: string) => graph.one("s3.BucketV2", name).outputs.bucket;
  const [fn] = graph.all("lambda.Function");

  it("returns what an operator needs to find it", () => {
    const { _protect, ...outputs } = graph.data.outputs;
    expect(outputs).toEqual({
      stage: graph.data.app.stage,
      region,
      uploadsBucket: bucketOf("UploadsBucket"),
      thumbnailsBucket: bucketOf("ThumbnailsBucket"),
      queueUrl: graph.one("sqs.Queue", "JobsQueue").outputs.url,
      deadLetterQueueUrl: graph.one("sqs.Queue", "DeadLettersQueue").outputs.url,
      functionName: fn?.outputs.name,
      keyArn: `arn:aws:kms:${region}:123456789012:key/key-id`,
      alarmTopicArn: graph.one("sns.Topic", "AlarmsTopic").outputs.arn,
      dashboardUrl: `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/thumbsmith-${graph.data.app.stage}`,
    });
  });

  it("notifies the queue of every accepted suffix in either case, and of nothing else", () => {
    const { inputs } = graph.one("s3.BucketNotification", "UploadsEvents");
    const queueArn = graph.one("sqs.Queue", "JobsQueue").outputs.arn;
    expect(inputs.bucket).toBe(bucketOf("UploadsBucket"));
    expect(inputs.queues).toEqual(
      suffixes
        .flatMap((suffix) => [suffix, suffix.toUpperCase()])
        .map((suffix) => ({
          id: `uploads/*${suffix}`,
          queueArn,
          filterPrefix: "uploads/",
          filterSuffix: suffix,
          events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:LifecycleExpiration:DeleteMarkerCreated"],
        })),
    );
  });

  it("announces manifests on EventBridge", () => {
    const { inputs } = graph.one("s3.BucketNotification", "ThumbnailsEvents");
    expect(inputs).toEqual({ bucket: bucketOf("ThumbnailsBucket"), eventbridge: true });
  });

  it("gives the function what the configuration says, and the names that it needs", () => {
    expect(fn?.inputs).toMatchObject({
      memorySize: 1769,
      timeout: 60,
      loggingConfig: {
        logFormat: "JSON",
        logGroup: graph.one("cloudwatch.LogGroup", "SubscriberLogGroup").outputs.name,
      },
      environment: {
        variables: {
          UPLOADS_BUCKET: bucketOf("UploadsBucket"),
          THUMBNAILS_BUCKET: bucketOf("ThumbnailsBucket"),
          POWERTOOLS_SERVICE_NAME: `thumbsmith-${graph.data.app.stage}`,
          POWERTOOLS_METRICS_NAMESPACE: "Thumbsmith",
          MALLOC_ARENA_MAX: "2",
        },
      },
    });
  });

  it("runs the handler on arm64, or SST's stub on a live stage", () => {
    expect(fn?.inputs).toMatchObject(
      graph.data.live
        ? { runtime: "provided.al2023", architectures: ["x86_64"], handler: "bootstrap" }
        : { runtime: "nodejs22.x", architectures: ["arm64"], handler: "bundle.handler" },
    );
  });

  it("takes ten messages at once, from ten invocations at the most", () => {
    const [mapping] = graph.all("lambda.EventSourceMapping");
    expect(mapping?.inputs).toMatchObject({ batchSize: 10, scalingConfig: { maximumConcurrency: 10 } });
  });

  it("lets only its queue use the dead letters", () => {
    const { inputs } = graph.one("sqs.RedriveAllowPolicy", "DeadLettersRedrive");
    expect(JSON.parse(inputs.redriveAllowPolicy)).toEqual({
      redrivePermission: "byQueue",
      sourceQueueArns: [graph.one("sqs.Queue", "JobsQueue").outputs.arn],
    });
  });

  it("names the key after the stage", () => {
    const { inputs } = graph.one("kms.Alias", "KeyAlias");
    expect(inputs).toEqual({ name: `alias/thumbsmith-${graph.data.app.stage}`, targetKeyId: "key-id" });
  });

  it("shows health, speed and cost on the dashboard", () => {
    const { widgets } = JSON.parse(graph.one("cloudwatch.Dashboard", "Dashboard").inputs.dashboardBody);
    const titles = widgets.map(({ properties }: { properties: { title: string } }) => properties.title);
    expect(titles).toEqual([
      "Is it healthy?",
      "Images",
      "Waiting, and dead letters",
      "How fast? Milliseconds of an invocation",
      "Seconds that the oldest upload has waited",
      "Invocations at once",
      "What does it cost? Dollars of Lambda an hour",
    ]);
  });
});

describe("from the environment", () => {
  it("come the names, the tags and the accounts that are allowed", async () => {
    const environment = { PROJECT_NAME: "pictures", ALLOWED_ACCOUNT_IDS: "111122223333" };
    const { data } = await synthesize({ stage: "kim", environment });
    expect(data.app).toMatchObject({
      name: "pictures",
      providers: {
        aws: {
          allowedAccountIds: ["111122223333"],
          defaultTags: { tags: { app: "pictures", stage: "kim" } },
        },
      },
    });
    expect(data.outputs.uploadsBucket).toMatch(/^pictures-kim-uploadsbucket-/);
  });

  it("come those who are told of alarms, by e-mail and through a secret webhook", async () => {
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
    const policies = [graph.one("kms.Key", "Key"), graph.one("sns.TopicPolicy", "AlarmsPolicy")];
    for (const policy of policies) expect(policy.inputs.policy).toContain("budgets.amazonaws.com");
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

  it("come the web origins that may upload, to the uploads bucket alone", async () => {
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

  it("come the prefixes of the role, to the letter", async () => {
    const graph = await synthesize(
      configured(`{
        rules: [
          { prefix: "photos/", variants: [{ prefix: "small/", width: 150 }, { prefix: "large/", width: 1500 }] },
          { prefix: "what*?/", variants: [{ prefix: "stars/", width: 150 }] },
        ],
        retired: ["old/"],
      }`),
    );
    const [{ policy }] = graph.one("iam.Role", "SubscriberRole").inputs.inlinePolicies;
    const { uploadsBucket, thumbnailsBucket } = graph.data.outputs;
    const [read, write, remove, missing] = JSON.parse(policy).Statement;
    expect(read.Resource).toEqual([
      `arn:aws:s3:::${uploadsBucket}/photos/*`,
      `arn:aws:s3:::${uploadsBucket}/what\${*}\${?}/*`,
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
    expect(missing.Condition).toEqual({ StringLike: { "s3:prefix": ["photos/*", `what\${*}\${?}/*`] } });
  });

  it("comes what an invocation may take", async () => {
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
