import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createClient, createSubscriber, type Report } from "@thumbsmith/functions";
import { type Config, notificationBody, notificationFilters } from "@thumbsmith/shared";
import { startAws } from "./aws/server.ts";
import { startEventSourceMapping } from "./event-source-mapping.ts";
import { countMessages, createQueue } from "./queues.ts";

/** Where `pnpm local` listens, unless told otherwise. */
export const LOCAL_PORT = 4567;
/** The buckets are folders of these names. */
export const BUCKETS = { uploads: "uploads-bucket", thumbnails: "thumbnails-bucket" } as const;
export const QUEUES = { main: "thumbsmith-uploads", deadLetters: "thumbsmith-dead-letters" } as const;

/** Seconds until a job that failed is tried again, and how often. Lambda waits longer: nobody watches it. */
const VISIBILITY_TIMEOUT = 10;
const MAX_RECEIVE_COUNT = 3;

export interface PipelineOptions {
  config: Config;
  /** Where the buckets are kept as folders. */
  directory: string;
  /** Where S3 and SQS listen on 127.0.0.1. Any free port, unless given. */
  port?: number;
  /** Told of every job as it ends. */
  report: (report: Report) => void;
}

/** S3, the queue and the function, as they are deployed, on this machine. */
export interface Pipeline {
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  s3: S3Client;
  /** Calls for a look at a key, as an event would. */
  look(key: string): Promise<void>;
  /** From now on a file that is put into, or taken from, the uploads bucket's folder by hand is an upload or a delete. */
  adopt(): Promise<void>;
  /** Messages that wait or are being worked on, and those that failed for good. */
  backlog(): Promise<{ waiting: number; deadLetters: number }>;
  stop(): Promise<void>;
}

export async function startPipeline({ config, directory, port, report }: PipelineOptions): Promise<Pipeline> {
  const aws = await startAws({ directory, port });
  const access = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  const s3 = createClient(access);
  const sqs = new SQSClient(access);

  const queues = await createQueues(sqs);
  await createBuckets(s3, queues.main.arn, config);
  const mapping = startEventSourceMapping({
    sqs,
    queueUrl: queues.main.url,
    queueArn: queues.main.arn,
    batchSize: 10,
    maximumConcurrency: 2,
    functionName: "thumbsmith-local",
    timeoutSeconds: config.limits.timeout,
    memoryMb: config.limits.memory,
    handler: createSubscriber({
      config,
      environment: { UPLOADS_BUCKET: BUCKETS.uploads, THUMBNAILS_BUCKET: BUCKETS.thumbnails },
      client: s3,
      report,
    }),
  });

  return {
    endpoint: aws.endpoint,
    credentials: aws.credentials,
    s3,
    async look(key) {
      const body = notificationBody({ bucket: BUCKETS.uploads, key, event: "Look" });
      await sqs.send(new SendMessageCommand({ QueueUrl: queues.main.url, MessageBody: body }));
    },
    adopt: () => aws.adopt(BUCKETS.uploads),
    async backlog() {
      const [waiting, deadLetters] = await Promise.all([
        countMessages(sqs, queues.main.url),
        countMessages(sqs, queues.dead.url),
      ]);
      return { waiting, deadLetters };
    },
    async stop() {
      await mapping.stop();
      s3.destroy();
      sqs.destroy();
      await aws.close();
    },
  };
}

async function createQueues(sqs: SQSClient) {
  const dead = await createQueue(sqs, QUEUES.deadLetters, {});
  const main = await createQueue(sqs, QUEUES.main, {
    VisibilityTimeout: String(VISIBILITY_TIMEOUT),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: MAX_RECEIVE_COUNT }),
  });
  return { main, dead };
}

async function createBuckets(s3: S3Client, queueArn: string, config: Config): Promise<void> {
  for (const Bucket of Object.values(BUCKETS)) {
    await s3.send(new CreateBucketCommand({ Bucket })).catch((error: unknown) => {
      if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
    });
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
  const QueueConfigurations = notificationFilters(config.rules).map(({ prefix, suffix }) => ({
    QueueArn: queueArn,
    Events: ["s3:ObjectCreated:*" as const, "s3:ObjectRemoved:*" as const],
    Filter: {
      Key: {
        FilterRules: [
          { Name: "prefix" as const, Value: prefix },
          { Name: "suffix" as const, Value: suffix },
        ],
      },
    },
  }));
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: BUCKETS.uploads,
      NotificationConfiguration: { QueueConfigurations },
    }),
  );
}
