import { AsyncLocalStorage } from "node:async_hooks";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Watch } from "@thumbsmith/aws-local";
import { startAws, startEventSourceMapping } from "@thumbsmith/aws-local";
import { createClient, createSubscriber, type Report } from "@thumbsmith/functions";
import { type Config, notificationBody } from "@thumbsmith/shared";
import type { SQSEvent } from "aws-lambda";
import { allowOrigins, BUCKETS, createBuckets, notifyQueue } from "./buckets.ts";
import { countMessages, createQueue } from "./queues.ts";

/** The default port of `pnpm local`. */
export const LOCAL_PORT = 4567;
export const QUEUES = { main: "thumbsmith-uploads", deadLetters: "thumbsmith-dead-letters" } as const;

/** Seconds until a failed job is retried. On AWS it waits longer, but here someone is watching. */
const VISIBILITY_TIMEOUT_SECONDS = 10;
const MAX_RECEIVE_COUNT = 3;

export interface PipelineOptions {
  config: Config;
  /** The parent folder of the buckets' folders. */
  directory: string;
  /** The port of S3 and SQS on 127.0.0.1. By default, any free one. */
  port?: number;
  /**
   * Called at the end of every job.
   * @param messages the ids of the messages that it handled
   */
  report: (report: Report, messages: readonly string[]) => void;
  /** Called at each step of every message through the queues. */
  watch?: Watch;
}

/** S3, the queue and the function on this machine, set up as in a deployment. */
export interface Pipeline {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  s3: S3Client;
  sqs: SQSClient;
  queueUrls: { main: string; deadLetters: string };
  /** Sends a message for every source, so that the function reconciles it. */
  reconcileAll(): Promise<void>;
  /** Applies another configuration, as a deployment does, and reconciles every source. */
  deploy(config: Config): Promise<void>;
  /** Lets pages of this origin upload from a browser, in addition to those in the configuration. */
  allow(origin: string): Promise<void>;
  /** Treats files that are put into or removed from the uploads bucket's folder from now on as uploads and deletes. */
  adopt(): Promise<void>;
  /** Counts messages that wait or are being worked on, and dead letters. */
  backlog(): Promise<{ waiting: number; deadLetters: number }>;
  stop(): Promise<void>;
}

export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  let { config } = options;
  const aws = await startAws(options);
  const { endpoint, region, credentials } = aws;
  const s3 = createClient({ endpoint, region, credentials });
  const sqs = new SQSClient({ endpoint, region, credentials });

  const queues = await createQueues(sqs);
  await createBuckets(s3);
  const origins: string[] = [];
  const configure = async () => {
    await notifyQueue(s3, queues.main.arn, config);
    await allowOrigins(s3, [...config.buckets.corsOrigins, ...origins]);
    return startFunction({ ...options, config }, s3, sqs, queues.main);
  };
  let mapping = await configure();

  const reconcileAll = () => sendAll(s3, sqs, queues.main.url);
  return {
    endpoint,
    region,
    credentials,
    s3,
    sqs,
    queueUrls: { main: queues.main.url, deadLetters: queues.dead.url },
    reconcileAll,
    async deploy(next) {
      config = next;
      await makeFolders(options.directory, config);
      await mapping.stop();
      mapping = await configure();
      await reconcileAll();
    },
    async allow(origin) {
      origins.push(origin);
      await allowOrigins(s3, [...config.buckets.corsOrigins, ...origins]);
    },
    async adopt() {
      await makeFolders(options.directory, config);
      await aws.adopt(BUCKETS.uploads);
    },
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

/**
 * Makes a folder for each rule. Without it, `cp photo.jpg uploads` would make a file named `uploads`.
 * @throws Error if there already is a file of that name
 */
async function makeFolders(directory: string, { rules }: Config): Promise<void> {
  for (const { prefix } of rules) {
    const folder = join(directory, BUCKETS.uploads, prefix);
    await mkdir(folder, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "EEXIST" && cause.code !== "ENOTDIR") throw cause;
      throw new Error(
        `Expected a folder at ${folder}, found a file, perhaps a photo that was copied there before the folder existed. Move it away, and start again.`,
        { cause },
      );
    });
  }
}

/** Connects the queue to the handler that runs on Lambda. */
function startFunction(
  { config, report }: PipelineOptions,
  s3: S3Client,
  sqs: SQSClient,
  queue: { url: string; arn: string },
) {
  const invocation = new AsyncLocalStorage<SQSEvent>();
  const subscriber = createSubscriber({
    config,
    environment: { UPLOADS_BUCKET: BUCKETS.uploads, THUMBNAILS_BUCKET: BUCKETS.thumbnails },
    client: s3,
    report: (ended) => report(ended, invocation.getStore()?.Records.map(({ messageId }) => messageId) ?? []),
  });
  return startEventSourceMapping({
    sqs,
    queueUrl: queue.url,
    queueArn: queue.arn,
    batchSize: 10,
    maximumConcurrency: 2,
    functionName: "thumbsmith-local",
    timeoutSeconds: config.limits.timeout,
    memoryMb: config.limits.memory,
    handler: (event, context) => invocation.run(event, () => subscriber(event, context)),
  });
}

async function createQueues(sqs: SQSClient) {
  const dead = await createQueue(sqs, QUEUES.deadLetters, {});
  const main = await createQueue(sqs, QUEUES.main, {
    VisibilityTimeout: String(VISIBILITY_TIMEOUT_SECONDS),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: MAX_RECEIVE_COUNT }),
  });
  return { main, dead };
}

/** One message at a time: the local queue refuses none and is not throttled, as the command has to expect of SQS. */
async function sendAll(s3: S3Client, sqs: SQSClient, QueueUrl: string): Promise<void> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: BUCKETS.uploads })) {
    for (const { Key } of Contents) {
      if (!Key) continue;
      const MessageBody = notificationBody({ bucket: BUCKETS.uploads, key: Key });
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    }
  }
}
