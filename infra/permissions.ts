import { key } from "./encryption.ts";
import { readStage } from "./stage.ts";

// Permissions of roles for certain objects of a bucket, and for the key.

const stage = readStage($app.stage);

/** What policies need to know of a bucket, which may be an existing one. */
export type Named = Pick<sst.aws.Bucket, "name" | "arn">;

type KeyAction = "kms:GenerateDataKey" | "kms:Decrypt";

export function under(bucket: Named, patterns: string[]) {
  return patterns.map((pattern) => $interpolate`${bucket.arn}/${pattern}`);
}

/**
 * Lets a role learn that an object does not exist: without the right to list, S3 answers 403 instead of 404. For this check,
 * S3 uses the object's key as `s3:prefix`.
 */
export function mayLearnOfAbsence(bucket: Named, patterns: string[]) {
  return {
    actions: ["s3:ListBucket"],
    resources: [bucket.arn],
    conditions: [{ test: "StringLike", variable: "s3:prefix", values: patterns }],
  };
}

/**
 * S3, SQS and other services use the key in the name of the caller, who needs the right to it too. This one is limited to
 * these services, and so to what the caller's other rights allow there.
 */
export function mayUseKeyThrough(services: string[], ...actions: KeyAction[]) {
  return mayUse(key.arn, services, actions);
}

/** The same for the key of the uploads. A bucket that exists may have a key that needs no right. */
export function mayUseKeyOfUploads(...actions: KeyAction[]) {
  const arn = stage.uploads ? stage.uploads.keyArn : key.arn;
  return arn ? [mayUse(arn, ["s3"], actions)] : [];
}

function mayUse(arn: $util.Input<string>, services: string[], actions: KeyAction[]) {
  const values = services.map((service) => `${service}.${stage.region}.amazonaws.com`);
  return {
    actions,
    resources: [arn],
    conditions: [{ test: "StringEquals", variable: "kms:ViaService", values }],
  };
}
