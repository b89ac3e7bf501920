import { MANIFEST_PREFIX } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";
import { thumbnails, uploads } from "./buckets.ts";
import { key } from "./encryption.ts";
import { queue } from "./queue.ts";
import { readStage } from "./stage.ts";

const stage = readStage($app.stage);
const { memory, timeout, concurrency } = config.limits;
const sources = config.rules.map(({ prefix }) => pattern(prefix));
const variants = config.rules.flatMap((rule) => rule.variants.map(({ prefix }) => pattern(prefix)));
const outputs = [pattern(MANIFEST_PREFIX), ...variants];
/** What was an output once is found and removed, and never written again. */
const removable = [...outputs, ...config.retired.map(pattern)];

export const subscriber = new sst.aws.Function("Subscriber", {
  handler: "packages/functions/src/handler.handler",
  runtime: "nodejs22.x",
  architecture: "arm64",
  memory: `${memory} MB`,
  timeout: `${timeout} seconds`,
  nodejs: { install: ["sharp"] },
  environment: {
    UPLOADS_BUCKET: uploads.name,
    THUMBNAILS_BUCKET: thumbnails.name,
    POWERTOOLS_SERVICE_NAME: stage.prefix,
    POWERTOOLS_METRICS_NAMESPACE: "Thumbsmith",
    // glibc keeps freed memory in an arena per thread; libvips has many threads.
    MALLOC_ARENA_MAX: "2",
  },
  permissions: [
    { actions: ["s3:GetObject"], resources: under(uploads, sources) },
    { actions: ["s3:PutObject"], resources: under(thumbnails, outputs) },
    // A delete on the condition of an ETag takes the right to read it.
    { actions: ["s3:GetObject", "s3:DeleteObject"], resources: under(thumbnails, removable) },
    mayLearnOfAbsence(uploads, sources),
    mayLearnOfAbsence(thumbnails, removable),
    {
      actions: ["kms:GenerateDataKey"],
      resources: [key.arn],
      conditions: [
        { test: "StringEquals", variable: "kms:ViaService", values: [`s3.${stage.region}.amazonaws.com`] },
      ],
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

queue.subscribe(subscriber.arn, {
  batch: { size: 10, partialResponses: true },
  transform: { eventSourceMapping: { scalingConfig: { maximumConcurrency: concurrency } } },
});

/** The keys under a prefix, to IAM, which takes these three characters for its own. */
function pattern(prefix: string) {
  return `${prefix.replace(/[$*?]/g, (special) => `\${${special}}`)}*`;
}

function under(bucket: sst.aws.Bucket, patterns: string[]) {
  return patterns.map((pattern) => $interpolate`${bucket.arn}/${pattern}`);
}

/** Without it S3 answers 403 for an object that is not there. S3 takes the object's key for `s3:prefix` then. */
function mayLearnOfAbsence(bucket: sst.aws.Bucket, patterns: string[]) {
  return {
    actions: ["s3:ListBucket"],
    resources: [bucket.arn],
    conditions: [{ test: "StringLike", variable: "s3:prefix", values: patterns }],
  };
}
