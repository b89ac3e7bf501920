import { KMSClient } from "@aws-sdk/client-kms";
import { createClient } from "@thumbsmith/functions";
import { readConfig } from "@thumbsmith/local";
import { withActions } from "../terminal/advice.ts";
import type { Check } from "../verify/checks.ts";
import { existingBucketChecks } from "../verify/existing-bucket.ts";
import { account, region } from "./account.ts";

/** Checks of the bucket that `UPLOADS_BUCKET` names, if it is set. */
export async function uploadsChecks(): Promise<Check<unknown>[]> {
  const { UPLOADS_BUCKET: bucket, UPLOADS_KEY_ARN } = process.env;
  if (!bucket) return [];
  const access = { region: await region() };
  return existingBucketChecks({
    bucket,
    keyArn: UPLOADS_KEY_ARN || undefined,
    s3: withActions(createClient(access)),
    kms: withActions(new KMSClient(access)),
    config: await readConfig(),
    where: async () => ({ ...access, account: await account() }),
  });
}
