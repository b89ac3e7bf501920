import { UPLOADS_CORS } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";
import { serve } from "./cdn.ts";
import type { Named } from "./permissions.ts";
import { readStage } from "./stage.ts";

const stage = readStage($app.stage);
const { corsOrigins, expireUploadsAfterDays, keepOldVersionsDays } = config.buckets;

/** The bucket of the sources. If it exists already, it is only named, and nothing in it is managed. */
export const uploads: Named = stage.uploads
  ? { name: $output(stage.uploads.bucket), arn: $output(`arn:aws:s3:::${stage.uploads.bucket}`) }
  : makeUploads();

// Two writers must not overwrite each other's output by mistake, so every write has to name what it replaces.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
export const thumbnails = new sst.aws.Bucket("Thumbnails", {
  policy: [
    refuseUnless(["s3:if-match", "s3:if-none-match"], "s3:PutObject"),
    // Versions can still be deleted, which lifecycle rules and the removal of a personal stage do.
    refuseUnless(["s3:if-match"], "s3:DeleteObject"),
  ],
  transform: { policy: stage.cdn ? serve : undefined },
});

lifecycle("Thumbnails", thumbnails);

// The "Object Created" event of a manifest is the completion event.
new aws.s3.BucketNotification("ThumbnailsEvents", { bucket: thumbnails.name, eventbridge: true });

function makeUploads() {
  const bucket = new sst.aws.Bucket("Uploads", {
    cors: corsOrigins.length > 0 && {
      allowOrigins: corsOrigins,
      allowMethods: [...UPLOADS_CORS.methods],
      allowHeaders: [...UPLOADS_CORS.headers],
      exposeHeaders: [...UPLOADS_CORS.exposedHeaders],
      maxAge: `${UPLOADS_CORS.maxAgeSeconds} seconds`,
    },
  });
  const expiries = config.rules.map(({ prefix }) => ({
    id: `expire-${prefix}`,
    status: "Enabled",
    filter: { prefix },
    expiration: { days: expireUploadsAfterDays },
  }));
  lifecycle("Uploads", bucket, expireUploadsAfterDays === undefined ? [] : expiries);
  return bucket;
}

function refuseUnless(headers: string[], action: string) {
  return {
    effect: "deny" as const,
    principals: "*" as const,
    actions: [action],
    paths: ["*"],
    conditions: headers.map((variable) => ({ test: "Null", variable, values: ["true"] })),
  };
}

function lifecycle(
  name: string,
  bucket: sst.aws.Bucket,
  rules: aws.types.input.s3.BucketLifecycleConfigurationV2Rule[] = [],
) {
  new aws.s3.BucketLifecycleConfigurationV2(
    `${name}Lifecycle`,
    {
      bucket: bucket.name,
      rules: [
        {
          id: "expire-leftovers",
          status: "Enabled",
          filter: { prefix: "" },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          noncurrentVersionExpiration: { noncurrentDays: keepOldVersionsDays },
          expiration: { expiredObjectDeleteMarker: true },
        },
        ...rules,
      ],
    },
    // S3 refuses a rule on old versions before versioning is on.
    { dependsOn: bucket },
  );
}
