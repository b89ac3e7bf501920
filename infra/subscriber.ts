import config from "../thumbsmith.config.ts";
import { thumbnails, uploads } from "./buckets.ts";
import { prefix } from "./names.ts";
import { outputs, removable, sources } from "./patterns.ts";
import { mayLearnOfAbsence, mayUseKeyOfUploads, mayUseKeyThrough, under } from "./permissions.ts";
import { queue } from "./queue.ts";
import { readStage } from "./stage.ts";

const stage = readStage($app.stage);
const { memory, timeout, concurrency } = config.limits;

const decoder = "packages/heic";
const libheif = "node_modules/libheif-js";
/** The decoder of HEIC, where Node resolves it. libheif stays a separate file, because its licence lets users replace it. */
const heic = [
  ...["package.json", "worker.mjs"],
  ...["libheif.js", "libheif.wasm", "LICENSE"].map((file) => `${libheif}/libheif-wasm/${file}`),
].map((file) => ({ from: `${decoder}/${file}`, to: `node_modules/@thumbsmith/heic/${file}` }));
const takesHeic = config.rules.some(({ formats }) => formats.includes("heic"));

/**
 * Where the SDK looks for credentials that are not in the environment. On Lambda they always are, and a quarter of the
 * bundle that a cold start reads would be for this.
 */
const unusedOnLambda = [
  ...["ini", "process", "sso", "web-identity", "http"].map((name) => `@aws-sdk/credential-provider-${name}`),
  "@smithy/credential-provider-imds",
];

export const subscriber = new sst.aws.Function("Subscriber", {
  handler: "packages/functions/src/handler.handler",
  runtime: "nodejs22.x",
  architecture: "arm64",
  memory: `${memory} MB`,
  timeout: `${timeout} seconds`,
  nodejs: {
    // sharp and its dependencies. SST installs them without a lockfile, at the versions of the root's package.json.
    install: ["sharp", "@img/colour", "detect-libc", "semver"],
    esbuild: { external: unusedOnLambda },
  },
  ...(takesHeic && { copyFiles: heic }),
  environment: {
    UPLOADS_BUCKET: uploads.name,
    THUMBNAILS_BUCKET: thumbnails.name,
    POWERTOOLS_SERVICE_NAME: prefix,
    POWERTOOLS_METRICS_NAMESPACE: "Thumbsmith",
    // glibc keeps freed memory in an arena per thread, and libvips has many threads.
    MALLOC_ARENA_MAX: "2",
  },
  permissions: [
    { actions: ["s3:GetObject"], resources: under(uploads, sources) },
    { actions: ["s3:PutObject"], resources: under(thumbnails, outputs) },
    // A delete with If-Match needs the right to read the object.
    { actions: ["s3:GetObject", "s3:DeleteObject"], resources: under(thumbnails, removable) },
    mayLearnOfAbsence(uploads, sources),
    mayLearnOfAbsence(thumbnails, removable),
    // Every function may decrypt what it can read: see infra/transforms/defaults.ts.
    mayUseKeyThrough(["s3"], "kms:GenerateDataKey"),
    ...(stage.uploads ? mayUseKeyOfUploads("kms:Decrypt") : []),
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
