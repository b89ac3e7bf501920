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

/** Time to keep for the answer: if Lambda's timeout came first, the whole batch would fail. */
const ANSWER_RESERVE_MS = 1_000;
/** The least remaining time in which a job is started. */
const START_RESERVE_MS = 5_000;

/** The end of one job: an outcome, or the error with which it failed. */
export type Report = { job: Pick<Job, "key" | "event" | "etag"> } & (
  | { outcome: Outcome; error?: undefined }
  | { outcome?: undefined; error: ThumbsmithError }
);

export interface Subscription {
  config: Config;
  environment: Environment;
  client: S3Client;
  /** Called at the end of every job, also of those that were rejected or failed. */
  report: (report: Report) => void;
  /** Makes the thumbnails. */
  core?: typeof thumbnail;
  /** How many jobs run at once. */
  inHand?: number;
}

/**
 * The Lambda handler of the uploads queue: each message names keys to reconcile.
 * @returns the messages whose jobs failed: the queue redelivers them, or makes them dead letters
 */
export function createSubscriber(subscription: Subscription) {
  const { config, environment, client, report, core = thumbnail, inHand = JOBS_IN_HAND } = subscription;
  const admit = admission(decodeMegabytes(config.limits));
  return async ({ Records }: SQSEvent, context: Pick<Context, "getRemainingTimeInMillis">) => {
    const end = Date.now() + context.getRemainingTimeInMillis() - ANSWER_RESERVE_MS;
    const signal = AbortSignal.timeout(Math.max(0, end - Date.now()));
    // Every call to S3 adds a listener, and Node warns of more than ten.
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
    // Powertools' batch processor would replace only these lines, not the handling of repeated keys and of time.
    const ends = await Promise.allSettled(Records.map((record) => handle(record, reconcileKey, report)));
    const failed = Records.filter((_, i) => ends[i]?.status === "rejected");
    return {
      batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })),
    } satisfies SQSBatchResponse;
  };
}

/** Runs all jobs of a message, and rejects if any of them failed. */
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

/** Makes several events of one key in a batch a single job. */
function oncePerKey(run: (job: Job) => Promise<void>): (job: Job) => Promise<void> {
  const begun = new Map<string, Promise<void>>();
  return (job) => {
    const id = `${job.bucket}/${job.key}`;
    const promise = begun.get(id) ?? run(job);
    begun.set(id, promise);
    return promise;
  };
}

/** Drops a decode that is still waiting when the time is over: it would take the time of the next invocation. */
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
