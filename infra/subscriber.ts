import config from "../thumbsmith.config.ts";
import { thumbnails, uploads } from "./buckets.ts";
import { key } from "./encryption.ts";
import { prefix } from "./names.ts";
import { outputs, removable, sources } from "./patterns.ts";
import { queue } from "./queue.ts";
import { readStage } from "./stage.ts";

const stage = readStage($app.stage);
const { memory, timeout, concurrency } = config.limits;

export const subscriber = new sst.aws.Function("Subscriber", {
  handler: "packages/functions/src/handler.handler",
  runtime: "nodejs22.x",
  architecture: "arm64",
  memory: `${memory} MB`,
  timeout: `${timeout} seconds`,
  // sharp and what it depends on. SST installs them without a lockfile, at the versions of the root's package.json.
  nodejs: { install: ["sharp", "@img/colour", "detect-libc", "semver"] },
  environment: {
    UPLOADS_BUCKET: uploads.name,
    THUMBNAILS_BUCKET: thumbnails.name,
    POWERTOOLS_SERVICE_NAME: prefix,
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
