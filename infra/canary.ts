import { canaryPrefix, keysUnder, manifestKey } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";
import { thumbnails, uploads } from "./buckets.ts";
import { account } from "./encryption.ts";
import { prefix } from "./names.ts";
import { mayLearnOfAbsence, mayUseKeyOfUploads, under } from "./permissions.ts";
import { readStage } from "./stage.ts";

const stage = readStage($app.stage);

/** Uploads a small image every 15 minutes, and measures the time until its manifest. An alarm watches it. */
export const canary = stage.canary && !$dev ? send() : undefined;

function send() {
  const pictures = [keysUnder(canaryPrefix(config))];
  const manifests = [keysUnder(manifestKey(canaryPrefix(config)).replace(/\.json$/, ""))];
  const fn = new sst.aws.Function("Canary", {
    handler: "packages/functions/src/canary/handler.handler",
    runtime: "nodejs22.x",
    architecture: "arm64",
    memory: "256 MB",
    timeout: "5 minutes",
    // A failed run is not retried, because the alarm has to notice it.
    retries: 0,
    environment: {
      UPLOADS_BUCKET: uploads.name,
      THUMBNAILS_BUCKET: thumbnails.name,
      POWERTOOLS_SERVICE_NAME: prefix,
      POWERTOOLS_METRICS_NAMESPACE: "Thumbsmith",
    },
    permissions: [
      // It deletes the version of its image, so that none is left. A bucket that exists may have no versions.
      {
        actions: ["s3:PutObject", "s3:DeleteObjectVersion", ...(stage.uploads ? ["s3:DeleteObject"] : [])],
        resources: under(uploads, pictures),
      },
      { actions: ["s3:GetObject"], resources: under(thumbnails, manifests) },
      mayLearnOfAbsence(thumbnails, manifests),
      ...mayUseKeyOfUploads("kms:GenerateDataKey", "kms:Decrypt"),
    ],
  });
  schedule(fn);
  return fn;
}

function schedule(fn: sst.aws.Function) {
  const name = $interpolate`${prefix}-canary`;
  const role = new aws.iam.Role("CanaryScheduleRole", {
    assumeRolePolicy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "scheduler.amazonaws.com" },
          Action: "sts:AssumeRole",
          // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
          Condition: {
            StringEquals: {
              "aws:SourceAccount": account,
              "aws:SourceArn": $interpolate`arn:aws:scheduler:${stage.region}:${account}:schedule-group/default`,
            },
          },
        },
      ],
    }),
    inlinePolicies: [
      {
        name: "call-canary",
        policy: $jsonStringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: fn.arn }],
        }),
      },
    ],
  });
  new aws.scheduler.Schedule("CanarySchedule", {
    name,
    description: "Is an upload made into thumbnails?",
    scheduleExpression: "rate(15 minutes)",
    flexibleTimeWindow: { mode: "OFF" },
    target: { arn: fn.arn, roleArn: role.arn, retryPolicy: { maximumRetryAttempts: 0 } },
  });
}
