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
 * A stage of a bucket that was there before: without versions, with pictures in it, and with notifications of somebody
 * else's. Its events come by EventBridge, by the rule that was deployed.
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
      "remove what reads it",
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
  // moto does not give EventBridge back: see the differences.
  const accept = [...cannotHold, "uploads.notification"];
  await run(
    "verify it",
    () => ask(target, verify, { readOnly: true, wait: 1, accept }),
    (said) => !/^[✗?]/m.test(said),
  );
  await openBuckets();
  await bringBackAfter(target, 2);
  // The text file is announced too, and ignored. See the differences: the first event may be lost.
  await run(
    "pictures by way of EventBridge",
    () => pictures(target),
    (said) => /^[34] made, 1 other$/.test(said),
  );
  await run(
    "and whoever was told before still is",
    async () => `${(await depth(target, theirs)).waiting} messages`,
    (said) => /^[1-9]/.test(said),
  );
  await run(
    "backfill of what was there",
    () => ask(target, backfill, BACKFILL),
    (said) => /^6 sources checked, [34] current, [23] sent/.test(said),
  );
  await workOff(target);
  await deletePluses(target, target.thumbnailsBucket);
}

/** @returns the URL of the queue that was told of it before */
async function makeTheirs(): Promise<string> {
  const [s3, sqs] = [createClient(), new SQSClient()];
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "somebody-elses" }));
  const QueueArn = `arn:aws:sqs:us-east-1:123456789012:somebody-elses`;
  const QueueConfigurations = [{ QueueArn, Events: ["s3:ObjectCreated:*" as const] }];
  await notify({ QueueConfigurations });
  for (const name of ["old-1", "old-2"]) {
    await upload({ s3, uploadsBucket: BUCKET }, "forest-stream.webp", `uploads/${name}.webp`);
  }
  // As docs/existing-bucket.md has it: what is there, and EventBridge.
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

/** What is left of it when the stage is gone: all. */
async function describeTheirs(): Promise<string> {
  const s3 = createClient();
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  const { QueueConfigurations = [] } = await s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: BUCKET }),
  );
  return `${KeyCount} objects, ${QueueConfigurations.length} notification`;
}
