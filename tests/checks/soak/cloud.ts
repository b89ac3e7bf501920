import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startAws } from "@thumbsmith/aws-local";
import { createClient } from "@thumbsmith/functions";
import { countMessages, createQueue } from "@thumbsmith/local";
import { notificationBody } from "@thumbsmith/shared";
import { buckets } from "./config.ts";

export interface Cloud {
  s3: S3Client;
  endpoint: string;
  queue: { url: string; arn: string };
  /** Sends a message for a key, like a duplicate of an event. */
  reconcile(key: string): Promise<void>;
  /** The number of messages that wait or are being worked on. */
  waiting(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * The buckets and their queue, in this process. There are no dead letters: a message comes back until it is done.
 * @param visibility seconds until a message that was not acknowledged comes back
 */
export async function startCloud(directory: string, visibility: number): Promise<Cloud> {
  const aws = await startAws({ directory });
  const access = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  const s3 = createClient(access);
  const sqs = new SQSClient(access);
  const queue = await createQueue(sqs, "soak", { VisibilityTimeout: String(visibility) });
  for (const Bucket of Object.values(buckets)) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  }
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: buckets.UPLOADS_BUCKET,
      NotificationConfiguration: {
        QueueConfigurations: [{ QueueArn: queue.arn, Events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"] }],
      },
    }),
  );
  return {
    s3,
    endpoint: aws.endpoint,
    queue,
    async reconcile(key) {
      const body = notificationBody({ bucket: buckets.UPLOADS_BUCKET, key, event: "ObjectCreated:Put" });
      await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: body }));
    },
    waiting: () => countMessages(sqs, queue.url),
    async stop() {
      s3.destroy();
      sqs.destroy();
      await aws.close();
    },
  };
}
