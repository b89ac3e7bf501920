import { setMaxListeners } from "node:events";
import type { S3Client } from "@aws-sdk/client-s3";
import {
  type Config,
  decodeMegabytes,
  type Environment,
  JOBS_IN_HAND,
  type Job,
  parseNotification,
  ThumbsmithError,
} from "@thumbsmith/shared";
import { Semaphore } from "async-mutex";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { admission } from "./admission.ts";
import { type Admit, thumbnail } from "./image/thumbnail.ts";
import { type Outcome, reconcile, type Workshop } from "./sync/reconcile.ts";
import { createStore } from "./sync/store.ts";

/** Kept back to answer in, so that Lambda's timeout never takes the whole batch. */
const ANSWER_RESERVE_MS = 1_000;
/** What must be left for a job to be started. */
const START_RESERVE_MS = 5_000;

/** How one job ended: with an outcome, or with the error that kept it from one. */
export type Report = { job: Pick<Job, "key" | "event" | "etag"> } & (
  | { outcome: Outcome; error?: undefined }
  | { outcome?: undefined; error: ThumbsmithError }
);

export interface Subscription {
  config: Config;
  environment: Environment;
  client: S3Client;
  /** Told of every job as it ends, rejections and failures included. */
  report: (report: Report) => void;
  /** What makes the thumbnails. */
  core?: typeof thumbnail;
  /** How many jobs are worked on at a time. */
  inHand?: number;
}

/**
 * The Lambda handler of the uploads queue: each message names keys to reconcile.
 * @returns the messages whose jobs failed; the queue brings them back, or dead-letters them
 */
export function createSubscriber(subscription: Subscription) {
  const { config, environment, client, report, core = thumbnail, inHand = JOBS_IN_HAND } = subscription;
  const admit = admission(decodeMegabytes(config.limits));
  return async ({ Records }: SQSEvent, context: Pick<Context, "getRemainingTimeInMillis">) => {
    const end = Date.now() + context.getRemainingTimeInMillis() - ANSWER_RESERVE_MS;
    const signal = AbortSignal.timeout(Math.max(0, end - Date.now()));
    // Every call to S3 listens to it; Node takes more than ten for a leak.
    setMaxListeners(0, signal);
    const workshop: Workshop = {
      config,
      uploads: createStore(client, environment.UPLOADS_BUCKET, signal),
      thumbnails: createStore(client, environment.THUMBNAILS_BUCKET, signal),
      thumbnail: (bytes, rule, limits) => core(bytes, rule, limits, whileIn(signal, admit)),
    };
    const turns = new Semaphore(inHand);
    const reconcileKey = oncePerKey((job: Job) =>
      turns
        .runExclusive(async () => {
          const outcome = await reconcileInTime(job, {
            workshop,
            bucket: environment.UPLOADS_BUCKET,
            end,
            signal,
          });
          report({ job, outcome });
        })
        .catch((error: unknown) => {
          report({ job, error: asThumbsmithError(error) });
          throw error;
        }),
    );
    // Powertools' batch processor does what follows and no more: repeated keys and the time that is left would stay ours.
    const ends = await Promise.allSettled(Records.map((record) => handle(record, reconcileKey, report)));
    const failed = Records.filter((_, i) => ends[i]?.status === "rejected");
    return {
      batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })),
    } satisfies SQSBatchResponse;
  };
}

/** Rejects when any of the message's jobs failed. The others are done all the same. */
async function handle(
  record: SQSRecord,
  reconcileKey: (job: Job) => Promise<void>,
  report: Subscription["report"],
) {
  const unread = { key: "", event: `message ${record.messageId}` };
  const { jobs, rejections } = read(record, (error) => report({ job: unread, error }));
  for (const error of rejections) report({ job: unread, error });
  const ends = await Promise.allSettled(jobs.map(reconcileKey));
  if (ends.some(({ status }) => status === "rejected")) throw new Error("a job of this message failed");
}

function read(record: SQSRecord, onError: (error: ThumbsmithError) => void) {
  try {
    return parseNotification(record.body);
  } catch (error) {
    onError(asThumbsmithError(error));
    throw error;
  }
}

async function reconcileInTime(
  job: Job,
  { workshop, bucket, end, signal }: { workshop: Workshop; bucket: string; end: number; signal: AbortSignal },
): Promise<Outcome> {
  if (job.bucket !== bucket) {
    throw new ThumbsmithError("wrong-bucket", `Expected an event of ${bucket}, found one of ${job.bucket}.`);
  }
  if (end - Date.now() < START_RESERVE_MS) {
    throw new ThumbsmithError(
      "out-of-time",
      `${job.key} was not started: too little time was left in this invocation.`,
    );
  }
  return Promise.race([reconcile(job.key, workshop), expiry(job.key, signal)]);
}

function expiry(key: string, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () =>
      reject(new ThumbsmithError("out-of-time", `Timed out on ${key}.`)),
    );
  });
}

/** Several events of one key in a batch are one job. */
function oncePerKey(run: (job: Job) => Promise<void>): (job: Job) => Promise<void> {
  const begun = new Map<string, Promise<void>>();
  return (job) => {
    const id = `${job.bucket}/${job.key}`;
    const promise = begun.get(id) ?? run(job);
    begun.set(id, promise);
    return promise;
  };
}

/** What has waited for its turn until the time was over must not take up the next invocation's. */
function whileIn(signal: AbortSignal, admit: Admit): Admit {
  return (megabytes, decode) =>
    admit(megabytes, () => {
      signal.throwIfAborted();
      return decode();
    });
}

function asThumbsmithError(error: unknown): ThumbsmithError {
  if (error instanceof ThumbsmithError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ThumbsmithError("internal", message, { cause: error });
}
