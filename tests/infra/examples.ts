import path from "node:path";
import type { Options } from "@thumbsmith/synth";

/** An addition of the examples that make resources. */
export const examples = path.join(import.meta.dirname, "additions/examples.ts");

/** Of a bucket that exists, under a key of its owner's. */
export const UPLOADS_KEY = "arn:aws:kms:eu-central-1:123456789012:key/theirs";

/** A stage that reads it, with the canary that it has to ask for. */
export const theirs: Options = {
  stage: "production",
  region: "eu-central-1",
  environment: { UPLOADS_BUCKET: "their-pictures", UPLOADS_KEY_ARN: UPLOADS_KEY, CANARY: "true" },
  addition: examples,
};
