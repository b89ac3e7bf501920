import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { startEventSourceMapping } from "@thumbsmith/aws-local";
import { createSubscriber } from "@thumbsmith/functions";
import { depth } from "../../../packages/cli/src/deployment/dead-letters.ts";
import type { Target } from "../../../packages/cli/src/deployment/target.ts";

const SAMPLES = new URL("../../../samples/", import.meta.url);

export async function upload(
  { s3, uploadsBucket: Bucket }: Pick<Target, "s3" | "uploadsBucket">,
  file: string,
  Key = `uploads/${file}`,
): Promise<void> {
  await s3.send(
    new PutObjectCommand({ Bucket, Key, Body: await readFile(new URL(encodeURIComponent(file), SAMPLES)) }),
  );
}

/** Uploads images, and handles their messages. */
export async function pictures(target: Target): Promise<string> {
  for (const file of [
    "forest-stream.webp",
    "a b+é.JPG",
    "mountain-sunset-baseline.jpg",
    "fig-in-bowl-alpha.png",
  ])
    await upload(target, file);
  // Neither has an event: one is under another prefix, the other has another suffix.
  await upload(target, "mountain-sunset-baseline.jpg", "elsewhere/a.jpg");
  await upload(target, "README.md");
  const counts = await workOff(target);
  return `${counts.made} made, ${counts.other} other`;
}

/** Sends a malformed message, and an image whose thumbnail cannot be written. */
export async function failing(target: Target): Promise<string> {
  const { sqs, queueUrl: QueueUrl } = target;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "not an event" }));
  await upload(target, "mountain-sunset-baseline.jpg", "uploads/late.jpg");
  await workOff(target, "a-bucket-that-is-not-there");
  return `${(await depth(target, target.deadLetterQueueUrl)).waiting} dead letters`;
}

/** Uploads a source whose event is lost. */
export async function uploadUnheard(target: Target): Promise<void> {
  await upload(target, "forest-stream.webp", "uploads/before.webp");
  await workOff(target, target.thumbnailsBucket, "lost");
}

/** Calls the handler, as Lambda would, until the queue is empty. */
export async function workOff(
  target: Target,
  thumbnailsBucket = target.thumbnailsBucket,
  fate: "kept" | "lost" = "kept",
) {
  const counts = { made: 0, other: 0 };
  const { limits } = target.config;
  const handler = createSubscriber({
    config: target.config,
    environment: { UPLOADS_BUCKET: target.uploadsBucket, THUMBNAILS_BUCKET: thumbnailsBucket },
    client: target.s3,
    report({ outcome }) {
      counts[outcome?.result === "made" ? "made" : "other"] += 1;
    },
  });
  const mapping = startEventSourceMapping({
    sqs: target.sqs,
    queueUrl: target.queueUrl,
    queueArn: `arn:aws:sqs:${target.access.region}:123456789012:${target.queueUrl.split("/").at(-1)}`,
    batchSize: 10,
    maximumConcurrency: 1,
    functionName: "rehearsal",
    timeoutSeconds: limits.timeout,
    memoryMb: limits.memory,
    handler: fate === "lost" ? async () => ({ batchItemFailures: [] }) : handler,
  });
  const isEmpty = async () => {
    const { waiting, inHand } = await depth(target, target.queueUrl);
    return waiting + inHand === 0;
  };
  // moto's counts lag, so the queue counts as empty if it is twice in a row.
  for (let empty = 0; empty < 2; empty = (await isEmpty()) ? empty + 1 : 0) await delay(250);
  await mapping.stop();
  return counts;
}
