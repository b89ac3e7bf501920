import path from "node:path";
import type { Options } from "@thumbsmith/synth";

/** The addition with the examples that make resources. */
export const examples = path.join(import.meta.dirname, "additions/examples.ts");

/** The key of a bucket that exists, which belongs to the bucket's owner. */
export const UPLOADS_KEY = "arn:aws:kms:eu-central-1:123456789012:key/theirs";

/** A stage that reads that bucket, with a canary, which has to be asked for. */
export const theirs: Options = {
  stage: "production",
  region: "eu-central-1",
  environment: { UPLOADS_BUCKET: "their-pictures", UPLOADS_KEY_ARN: UPLOADS_KEY, CANARY: "true" },
  addition: examples,
};
