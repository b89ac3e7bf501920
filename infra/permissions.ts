import { key } from "./encryption.ts";
import { readStage } from "./stage.ts";

// What a role may do with the objects of a bucket, and no others.

const stage = readStage($app.stage);

export function under(bucket: sst.aws.Bucket, patterns: string[]) {
  return patterns.map((pattern) => $interpolate`${bucket.arn}/${pattern}`);
}

/** Without it S3 answers 403 for an object that is not there. S3 takes the object's key for `s3:prefix` then. */
export function mayLearnOfAbsence(bucket: sst.aws.Bucket, patterns: string[]) {
  return {
    actions: ["s3:ListBucket"],
    resources: [bucket.arn],
    conditions: [{ test: "StringLike", variable: "s3:prefix", values: patterns }],
  };
}

/** S3 uses the key in the caller's name, so the caller needs the right to it as well. */
export function mayUseKeyThroughS3(...actions: ("kms:GenerateDataKey" | "kms:Decrypt")[]) {
  return {
    actions,
    resources: [key.arn],
    conditions: [
      { test: "StringEquals", variable: "kms:ViaService", values: [`s3.${stage.region}.amazonaws.com`] },
    ],
  };
}
