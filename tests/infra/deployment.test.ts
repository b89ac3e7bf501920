import { Graph } from "@thumbsmith/synth";
import { describe, expect, inject, it } from "vitest";
import { UPLOADS_KEY } from "./examples.ts";

const graphs = inject("graphs").map((data) => ({ label: new Graph(data).label, graph: new Graph(data) }));
const suffixes = [
  ".jpg .JPG .Jpg",
  ".jpeg .JPEG .Jpeg",
  ".jfif .JFIF .Jfif",
  ".jpe .JPE .Jpe",
  ".png .PNG .Png",
  ".webp .WEBP .Webp",
  ".gif .GIF .Gif",
  ".avif .AVIF .Avif",
  ".tif .TIF .Tif",
  ".tiff .TIFF .Tiff",
].flatMap((cases) => cases.split(" "));

describe.each(graphs)("$label", ({ graph }) => {
  const { region } = graph.data.app.providers.aws;
  const bucketOf = (name: string) => graph.one("s3.BucketV2", name).outputs.bucket;
  const fn = graph.one("lambda.Function", "SubscriberFunction");
  const isRetained = graph.data.app.stage === "production";
  const [distribution] = graph.all("cloudfront.Distribution");
  const theirs = graph.data.outputs.uploadsRuleName !== undefined;
  const uploadsBucket = theirs ? "their-pictures" : bucketOf("UploadsBucket");

  it("returns what an operator needs to find it", () => {
    const { _protect, cdnUrl, distributionArn, ...outputs } = graph.data.outputs;
    expect(distributionArn).toBe(distribution?.outputs.arn);
    expect(outputs).toEqual({
      stage: graph.data.app.stage,
      region,
      uploadsBucket,
      ...(theirs && { uploadsRuleName: "thumbsmith-production-uploads", uploadsKeyArn: UPLOADS_KEY }),
      thumbnailsBucket: bucketOf("ThumbnailsBucket"),
      queueUrl: graph.one("sqs.Queue", "JobsQueue").outputs.url,
      deadLetterQueueUrl: graph.one("sqs.Queue", "DeadLettersQueue").outputs.url,
      functionName: fn.outputs.name,
      keyArn: `arn:aws:kms:${region}:123456789012:key/key-id`,
      alarmTopicArn: graph.one("sns.Topic", "AlarmsTopic").outputs.arn,
      alarmKeyArn: graph.one("kms.Key", "AlarmKey").outputs.arn,
      ...(isRetained && { canaryFunctionName: graph.one("lambda.Function", "CanaryFunction").outputs.name }),
      dashboardUrl: `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/thumbsmith-${graph.data.app.stage}`,
    });
  });

  it("describes each alarm by what happened, what users see, and what to run first", () => {
    const { stage } = graph.data.app;
    for (const { inputs, name: resource } of graph.all("cloudwatch.MetricAlarm")) {
      const name = resource.replace("Alarm-", "");
      if (name === "completions-dead-letters") continue; // the example's
      expect(inputs.alarmDescription).toMatch(
        new RegExp(
          `^[A-Z].+\\. Users see: [A-Z].+\\. First run: pnpm thumbsmith [a-z]+ --stage ${stage}\\. Then: docs/operations\\.md#alarm-${name}$`,
        ),
      );
    }
  });

  it.runIf(theirs)("does not manage a bucket that exists, and gets its events by EventBridge", () => {
    const text = JSON.stringify(graph.data.resources.filter(({ type }) => /^aws:s3/.test(type)));
    expect(text).not.toContain("their-pictures");
    const rule = graph.one("cloudwatch.EventRule", "UploadsRule");
    expect(JSON.parse(rule.inputs.eventPattern)).toEqual({
      source: ["aws.s3"],
      "detail-type": ["Object Created", "Object Deleted", "Object Restore Completed"],
      detail: { bucket: { name: ["their-pictures"] }, object: { key: [{ prefix: "uploads/" }] } },
    });
    expect(graph.one("cloudwatch.EventTarget", "UploadsTarget").inputs).toEqual({
      rule: "thumbsmith-production-uploads",
      arn: graph.one("sqs.Queue", "JobsQueue").outputs.arn,
      retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
      deadLetterConfig: { arn: graph.one("sqs.Queue", "DeadLettersQueue").outputs.arn },
    });
  });

  it.skipIf(theirs)("notifies the queue for exactly the accepted suffixes, in each case", () => {
    const { inputs } = graph.one("s3.BucketNotification", "UploadsEvents");
    const queueArn = graph.one("sqs.Queue", "JobsQueue").outputs.arn;
    expect(inputs.bucket).toBe(bucketOf("UploadsBucket"));
    expect(inputs.queues).toEqual(
      suffixes.map((suffix) => ({
        id: `uploads/*${suffix}`,
        queueArn,
        filterPrefix: "uploads/",
        filterSuffix: suffix,
        events: [
          "s3:ObjectCreated:*",
          "s3:ObjectRemoved:*",
          "s3:LifecycleExpiration:DeleteMarkerCreated",
          "s3:ObjectRestore:Completed",
        ],
      })),
    );
  });

  it("sends events of manifests to EventBridge", () => {
    const { inputs } = graph.one("s3.BucketNotification", "ThumbnailsEvents");
    expect(inputs).toEqual({ bucket: bucketOf("ThumbnailsBucket"), eventbridge: true });
  });

  it("gives the function the configured limits, and the names that it needs", () => {
    expect(fn.inputs).toMatchObject({
      memorySize: 1769,
      timeout: 60,
      loggingConfig: {
        logFormat: "JSON",
        logGroup: graph.one("cloudwatch.LogGroup", "SubscriberLogGroup").outputs.name,
      },
      environment: {
        variables: {
          UPLOADS_BUCKET: uploadsBucket,
          THUMBNAILS_BUCKET: bucketOf("ThumbnailsBucket"),
          POWERTOOLS_SERVICE_NAME: `thumbsmith-${graph.data.app.stage}`,
          POWERTOOLS_METRICS_NAMESPACE: "Thumbsmith",
          MALLOC_ARENA_MAX: "2",
        },
      },
    });
  });

  it("runs the handler on arm64, or SST's stub on a live stage", () => {
    expect(fn.inputs).toMatchObject(
      graph.data.live
        ? { runtime: "provided.al2023", architectures: ["x86_64"], handler: "bootstrap" }
        : { runtime: "nodejs22.x", architectures: ["arm64"], handler: "bundle.handler" },
    );
  });

  it("takes ten messages at once, in at most ten concurrent invocations", () => {
    const mapping = graph
      .all("lambda.EventSourceMapping")
      .find(({ inputs }) => inputs.functionName === fn.outputs.name);
    expect(mapping?.inputs).toMatchObject({ batchSize: 10, scalingConfig: { maximumConcurrency: 10 } });
  });

  it("lets only its queue use the dead letters", () => {
    const { inputs } = graph.one("sqs.RedriveAllowPolicy", "DeadLettersRedrive");
    expect(JSON.parse(inputs.redriveAllowPolicy)).toEqual({
      redrivePermission: "byQueue",
      sourceQueueArns: [graph.one("sqs.Queue", "JobsQueue").outputs.arn],
    });
  });

  it("makes 39 resources, nine for a canary, and four or nine for the distribution", () => {
    const made = graph.data.resources.filter(({ type }) => type.startsWith("aws:"));
    const others = made.filter(({ name }) => !/Completion|-completions-|Application/.test(name));
    const forDistribution = { "https://img.example.com": 9 }[graph.data.outputs.cdnUrl as string] ?? 4;
    // The stub is not built here, so it has no source map.
    const base = graph.data.live ? 38 : 39;
    // For a bucket that exists, no bucket, six settings and notification are made, but a rule and its target.
    const existing = theirs ? -6 : 0;
    expect(others).toHaveLength(
      base + (isRetained ? 9 : 0) + (distribution ? forDistribution : 0) + existing,
    );
  });

  it("gives the queues' policies the same names for either kind of bucket, so that changing it keeps them", () => {
    const names = graph.all("sqs.QueuePolicy").map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["JobsPolicy", "DeadLettersQueuePolicy"]));
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
      ...(isRetained ? ["Seconds from an upload to its thumbnails"] : []),
      ...(theirs ? ["Events by way of EventBridge"] : []),
    ]);
  });
});

describe("the example that acts on completion", () => {
  const extended = graphs.filter(({ graph }) =>
    graph.all("cloudwatch.EventRule").some(({ name }) => name === "Completions"),
  );

  it.each(extended)("gets only events of manifests: $label", ({ graph }) => {
    const { inputs } = graph.one("cloudwatch.EventRule", "Completions");
    expect(JSON.parse(inputs.eventPattern)).toEqual({
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: {
        bucket: { name: [graph.data.outputs.thumbnailsBucket] },
        object: { key: [{ prefix: "manifests/" }] },
      },
    });
  });
});
