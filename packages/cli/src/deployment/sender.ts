import { setTimeout as delay } from "node:timers/promises";
import { SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { notificationBody } from "@thumbsmith/shared";
import pThrottle from "p-throttle";
import type { Target } from "./target.ts";

/** SQS takes this many messages at once. */
const BATCH = 10;
const MAX_ATTEMPTS = 5;
/** Doubled with each attempt. */
const BACKOFF_BASE_MS = 200;

/** Sends messages to the uploads queue, and returns for each, in order, whether it arrived. Sends no more after the signal. */
export type Send = (bodies: string[]) => Promise<boolean[]>;

/** @param rate messages a second, at most */
export function createSender({ sqs, queueUrl }: Target, rate: number, signal: AbortSignal): Send {
  const throttle = pThrottle({ limit: 1, interval: (BATCH * 1_000) / rate, strict: true });
  const inTime = throttle((bodies: string[]) => sendBatch(bodies));

  async function sendBatch(bodies: string[]): Promise<boolean[]> {
    const sent = bodies.map(() => false);
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const Entries = bodies.flatMap((MessageBody, i) => (sent[i] ? [] : [{ Id: String(i), MessageBody }]));
      const { Successful = [] } = await sqs.send(
        new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
      );
      for (const { Id } of Successful) sent[Number(Id)] = true;
      if (sent.every(Boolean)) break;
      await delay(BACKOFF_BASE_MS * 2 ** attempt);
    }
    return sent;
  }

  return async (bodies) => {
    const sent: boolean[] = [];
    for (let start = 0; start < bodies.length && !signal.aborted; start += BATCH) {
      sent.push(...(await inTime(bodies.slice(start, start + BATCH))));
    }
    return bodies.map((_, i) => sent[i] === true);
  };
}

/** Has the function reconcile each key, as an event would. */
export async function sendJobs(
  send: Send,
  { uploadsBucket }: Target,
  keys: string[],
  signal: AbortSignal,
): Promise<void> {
  const sent = await send(keys.map((key) => notificationBody({ bucket: uploadsBucket, key })));
  if (signal.aborted) return;
  const lost = sent.filter((arrived) => !arrived).length;
  if (lost > 0)
    throw new Error(`SQS refused ${lost} of ${keys.length} messages. Run the command again to resume.`);
}
