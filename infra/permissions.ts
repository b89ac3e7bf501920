import { key } from "./encryption.ts";
import { readStage } from "./stage.ts";

// What a role may do with the objects of a bucket, and no others; and with the key.

const stage = readStage($app.stage);

/** What policies need of a bucket, ours or an existing one. */
export type Named = Pick<sst.aws.Bucket, "name" | "arn">;

type KeyAction = "kms:GenerateDataKey" | "kms:Decrypt";

export function under(bucket: Named, patterns: string[]) {
  return patterns.map((pattern) => $interpolate`${bucket.arn}/${pattern}`);
}

/** Without it S3 answers 403 for an object that is not there. S3 takes the object's key for `s3:prefix` then. */
export function mayLearnOfAbsence(bucket: Named, patterns: string[]) {
  return {
    actions: ["s3:ListBucket"],
    resources: [bucket.arn],
    conditions: [{ test: "StringLike", variable: "s3:prefix", values: patterns }],
  };
}

/**
 * S3, SQS and others use the key in the caller's name, so the caller needs the right to it as well: through these
 * services, and so only for what its other rights let it read and write there.
 */
export function mayUseKeyThrough(services: string[], ...actions: KeyAction[]) {
  return mayUse(key.arn, services, actions);
}

/** The same of the key under which uploads lie. A bucket that exists may have none that asks for a right. */
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
