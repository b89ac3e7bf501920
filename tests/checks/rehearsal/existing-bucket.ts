import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  ListObjectsV2Command,
  PutBucketNotificationConfigurationCommand,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createClient } from "@thumbsmith/functions";
import { backfill } from "../../../packages/cli/src/commands/backfill.ts";
import { verify } from "../../../packages/cli/src/commands/verify.ts";
import { depth } from "../../../packages/cli/src/deployment/dead-letters.ts";
import { connect, type Target } from "../../../packages/cli/src/deployment/target.ts";
import type { Checkout } from "../../sst/checkout.ts";
import { openBuckets, stageOf } from "./deploy.ts";
import { cannotHold } from "./differences.ts";
import { leftOf } from "./left.ts";
import { ask, bringBackAfter, deletePluses, type Run } from "./operate.ts";
import { initialise } from "./terraform.ts";
import { pictures, upload, workOff } from "./traffic.ts";

const STAGE = "existing";
const BUCKET = "their-pictures";
const BACKFILL = { yes: true, fresh: true, rate: 100, backlog: 100, parallel: 4 };

/**
 * A stage with a bucket that existed before: without versions, with images in it, and with notifications to another queue.
 * Its events come through EventBridge, by the deployed rule.
 */
export async function existingBucket(checkout: Checkout, endpoint: string, run: Run): Promise<void> {
  const theirs = await makeTheirs();
  const folder = await mkdtemp(join(tmpdir(), "thumbsmith-rehearsal-existing-"));
  await initialise(folder);
  const stage = stageOf(checkout, STAGE, folder, { AWS_ENDPOINT_URL: endpoint, UPLOADS_BUCKET: BUCKET });
  try {
    await run(
      "deploy with a bucket that exists",
      async () => (await stage.deploy()).filter((change) => /rule|target|uploads/i.test(change)).join("\n"),
      (said) => /event_rule.UploadsRule/.test(said) && !/aws_s3_bucket\S*.Uploads/.test(said),
    );
    const target = await connect({ stage: STAGE, outputs: stage.outputs });
    await operate(target, theirs, run).finally(() => target.close());
    await run(
      "remove the stage that reads it",
      async () => {
        const { code, said } = await stage.remove();
        const left = (await leftOf(`thumbsmith-${STAGE}`)).join("\n") || "nothing left";
        return code === 0 ? `${left}; ${await describeTheirs()}` : said;
      },
      (said) => said === "nothing left; 8 objects, 1 notification",
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function operate(target: Target, theirs: string, run: Run): Promise<void> {
  // moto does not return the setting of EventBridge: see the differences.
  const accept = [...cannotHold, "uploads.notification"];
  await run(
    "verify it",
    () => ask(target, verify, { readOnly: true, wait: 1, accept }),
    (said) => !/^[✗?]/m.test(said),
  );
  await openBuckets();
  await bringBackAfter(target, 2);
  // The text file has an event too, and is ignored. The first event may be lost: see the differences.
  await run(
    "images through EventBridge",
    () => pictures(target),
    (said) => /^[34] made, 1 other$/.test(said),
  );
  await run(
    "the other queue still gets events",
    async () => `${(await depth(target, theirs)).waiting} messages`,
    (said) => /^[1-9]/.test(said),
  );
  await run(
    "backfill of images from before",
    () => ask(target, backfill, BACKFILL),
    (said) => /^6 sources checked, [34] current, [23] sent/.test(said),
  );
  await workOff(target);
  await deletePluses(target, target.thumbnailsBucket);
}

/** Makes the bucket. @returns the URL of the queue that its notifications go to */
async function makeTheirs(): Promise<string> {
  const [s3, sqs] = [createClient(), new SQSClient()];
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "another-queue" }));
  const QueueArn = `arn:aws:sqs:us-east-1:123456789012:another-queue`;
  const QueueConfigurations = [{ QueueArn, Events: ["s3:ObjectCreated:*" as const] }];
  await notify({ QueueConfigurations });
  for (const name of ["old-1", "old-2"]) {
    await upload({ s3, uploadsBucket: BUCKET }, "forest-stream.webp", `uploads/${name}.webp`);
  }
  // As in docs/existing-bucket.md: the existing notifications, and EventBridge.
  const { $metadata, ...there } = await s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: BUCKET }),
  );
  await notify({ ...there, EventBridgeConfiguration: {} });
  return QueueUrl;

  async function notify(NotificationConfiguration: object) {
    const input = { Bucket: BUCKET, NotificationConfiguration };
    await s3.send(new PutBucketNotificationConfigurationCommand(input));
  }
}

/** Describes what is left of the bucket when the stage is removed, which should be everything. */
async function describeTheirs(): Promise<string> {
  const s3 = createClient();
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  const { QueueConfigurations = [] } = await s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: BUCKET }),
  );
  return `${KeyCount} objects, ${QueueConfigurations.length} notification`;
}
