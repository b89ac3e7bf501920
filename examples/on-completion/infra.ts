import { thumbnails } from "../../infra/buckets.ts";
import { account } from "../../infra/encryption.ts";
import { prefix } from "../../infra/names.ts";
import { manifests } from "../../infra/patterns.ts";
import { topic } from "../../infra/topic.ts";

// Calls a function of yours for every new manifest, through a queue: a burst waits, failed messages are retried, and those
// that keep failing are kept.

const DAY = 24 * 60 * 60;
const TIMEOUT = 30;

const rule = new aws.cloudwatch.EventRule("Completions", {
  name: $interpolate`${prefix}-completions`,
  description: "A manifest was written: an image's thumbnails are made, or it was rejected.",
  eventPattern: $jsonStringify({
    source: ["aws.s3"],
    "detail-type": ["Object Created"],
    detail: { bucket: { name: [thumbnails.name] }, object: { key: [{ prefix: "manifests/" }] } },
  }),
});

const deadLetters = new sst.aws.Queue("CompletionsDeadLetters", {
  transform: { queue: { messageRetentionSeconds: 14 * DAY } },
});
const queue = new sst.aws.Queue("Completions", {
  dlq: { queue: deadLetters.arn, retry: 5 },
  visibilityTimeout: `${6 * TIMEOUT} seconds`,
  transform: { queue: { messageRetentionSeconds: 4 * DAY } },
});

const policy = new aws.sqs.QueuePolicy("CompletionsPolicy", {
  queueUrl: queue.url,
  policy: $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queue.arn,
        Condition: {
          ArnEquals: { "aws:SourceArn": rule.arn },
          StringEquals: { "aws:SourceAccount": account },
        },
      },
    ],
  }),
});

new aws.cloudwatch.EventTarget(
  "CompletionsTarget",
  { rule: rule.name, arn: queue.arn },
  { dependsOn: policy },
);

const onCompletion = new sst.aws.Function("OnCompletion", {
  handler: "examples/on-completion/handler.handler",
  runtime: "nodejs22.x",
  architecture: "arm64",
  timeout: `${TIMEOUT} seconds`,
  permissions: [
    { actions: ["s3:GetObject"], resources: [$interpolate`${thumbnails.arn}/${manifests}`] },
    // Without this, S3 answers 403 for a manifest that has been deleted since.
    {
      actions: ["s3:ListBucket"],
      resources: [thumbnails.arn],
      conditions: [{ test: "StringLike", variable: "s3:prefix", values: [manifests] }],
    },
    {
      actions: [
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
      ],
      resources: [queue.arn],
    },
  ],
});

queue.subscribe(onCompletion.arn, {
  batch: { size: 10, partialResponses: true },
  transform: { eventSourceMapping: { scalingConfig: { maximumConcurrency: 5 } } },
});

new aws.cloudwatch.MetricAlarm("Alarm-completions-dead-letters", {
  name: $interpolate`${prefix}-completions-dead-letters`,
  alarmDescription:
    "Your function failed five times on a manifest. Users see: nothing of what it should have done. " +
    "First run: aws logs tail <its log group> --since 1h. The messages stay in CompletionsDeadLetters for two weeks.",
  namespace: "AWS/SQS",
  metricName: "ApproximateNumberOfMessagesVisible",
  dimensions: { QueueName: deadLetters.nodes.queue.name },
  statistic: "Maximum",
  period: 60,
  evaluationPeriods: 1,
  comparisonOperator: "GreaterThanThreshold",
  threshold: 0,
  treatMissingData: "notBreaching",
  alarmActions: [topic.arn],
  okActions: [topic.arn],
});
