import { DescribeKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import {
  GetBucketEncryptionCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { type Config, outermost } from "@thumbsmith/shared";
import { statusOf } from "../terminal/advice.ts";
import type { Check, Result } from "./checks.ts";

/** The bucket that `UPLOADS_BUCKET` names, and what its checks need. */
export interface ExistingBucket {
  bucket: string;
  keyArn?: string;
  s3: S3Client;
  kms: KMSClient;
  config: Config;
  /** Where the deployment is. */
  where(): Promise<{ region: string; account: string }>;
}

const TO_EVENTBRIDGE = "to EventBridge";
const OURS = "in this account and region";
const NO_KEY = "S3's or AWS's own key";

export function existingBucketChecks(existing: ExistingBucket): Check<unknown>[] {
  const { s3, bucket: Bucket, keyArn } = existing;
  return [
    { id: "uploads.bucket", expected: OURS, read: () => placeOf(existing) },
    {
      id: "uploads.notification",
      expected: TO_EVENTBRIDGE,
      async read() {
        const found = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
        return found.EventBridgeConfiguration ? TO_EVENTBRIDGE : "not to EventBridge";
      },
    },
    {
      id: "uploads.versioning",
      expected: "your choice",
      accepts: () => true,
      async read() {
        const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
        return Status === "Enabled"
          ? Status
          : `${Status ?? "none"}: an overwritten or deleted source cannot be restored, nor can its thumbnails`;
      },
    },
    {
      id: "uploads.encryption",
      expected: keyArn ? `${keyArn}, Enabled` : NO_KEY,
      accepts: (found) => found === (keyArn ? `${keyArn}, Enabled` : NO_KEY) || (found === "none" && !keyArn),
      read: () => keyOf(existing),
    },
    { id: "uploads.list", expected: "may be listed", read: () => mayList(existing) },
  ];
}

/** The commands that turn EventBridge on. The put replaces the whole configuration, so it is read first. */
export function eventBridgeAdvice(results: Result[], bucket = ""): string | undefined {
  const notification = results.find(({ id }) => id === "uploads.notification");
  if (notification?.expected !== TO_EVENTBRIDGE || notification.result !== "differs") return undefined;
  const add = `JSON.stringify({ ...JSON.parse(require("fs").readFileSync(0, "utf8") || "{}"), EventBridgeConfiguration: {} })`;
  return `
${bucket} does not send its events to EventBridge. These commands turn that on, and keep its other notifications:

  aws s3api get-bucket-notification-configuration --bucket ${bucket} > notifications.json
  node -p '${add}' < notifications.json > with-eventbridge.json
  aws s3api put-bucket-notification-configuration --bucket ${bucket} --notification-configuration file://with-eventbridge.json

To undo this, put notifications.json back. If Terraform, CDK or SST manages the bucket's notifications, add it there instead.`;
}

/** A bucket sends its events to EventBridge only in its own account and region. */
async function placeOf({ s3, bucket: Bucket, where }: ExistingBucket): Promise<string> {
  const { region, account: ExpectedBucketOwner } = await where();
  try {
    const { BucketRegion = region } = await s3.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner }));
    return BucketRegion === region ? OURS : `in ${BucketRegion}, not in ${region}`;
  } catch (error) {
    // S3 answers this if the bucket is in another region.
    if ([301, 400].includes(statusOf(error) ?? 0)) return `not in ${region}`;
    throw error;
  }
}

async function keyOf({ s3, kms, bucket: Bucket }: ExistingBucket): Promise<string> {
  const answer = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
  const [rule] = answer.ServerSideEncryptionConfiguration?.Rules ?? [];
  const KeyId = rule?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID;
  if (!KeyId) return NO_KEY;
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
  return KeyMetadata?.KeyManager === "AWS" ? NO_KEY : `${KeyMetadata?.Arn}, ${KeyMetadata?.KeyState}`;
}

async function mayList({ s3, bucket: Bucket, config }: ExistingBucket): Promise<string> {
  for (const { prefix: Prefix } of outermost(config.rules)) {
    await s3.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 }));
  }
  return "may be listed";
}
