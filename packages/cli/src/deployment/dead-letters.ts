import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { parseNotification, ThumbsmithError } from "@thumbsmith/shared";
import type { Target } from "./target.ts";

/** A message that failed for good. */
export interface DeadLetter {
  body: string;
  receiptHandle: string;
  sent: Date;
  keys: string[];
  /** Set if the message itself is at fault: it is not an event, or it is about another bucket. */
  code?: "invalid-message" | "invalid-key" | "wrong-bucket";
}

/** How long a dead letter stays hidden from others after it is read. */
const VISIBILITY_TIMEOUT_SECONDS = 300;
const BATCH = 10;
/** SQS sometimes returns no message although there are some. After this many empty answers in a row, trust it. */
const MAX_EMPTY_ANSWERS = 3;

/** Receives letters, a few at a time, until it has seen all. They reappear after {@link putBack}, or after a while by themselves. */
export async function* deadLetters(target: Target, most: number): AsyncGenerator<DeadLetter[]> {
  let empty = 0;
  for (let seen = 0; seen < most && empty < MAX_EMPTY_ANSWERS; ) {
    const { Messages = [] } = await target.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: target.deadLetterQueueUrl,
        MaxNumberOfMessages: Math.min(BATCH, most - seen),
        VisibilityTimeout: VISIBILITY_TIMEOUT_SECONDS,
        MessageSystemAttributeNames: ["SentTimestamp"],
      }),
    );
    empty = Messages.length === 0 ? empty + 1 : 0;
    seen += Messages.length;
    if (Messages.length === 0) continue;
    yield Messages.map(({ Body = "", ReceiptHandle = "", Attributes = {} }) => ({
      body: Body,
      receiptHandle: ReceiptHandle,
      sent: new Date(Number(Attributes.SentTimestamp ?? 0)),
      ...read(Body, target.uploadsBucket),
    }));
  }
}

/** Makes the letters visible to others again. */
export async function putBack({ sqs, deadLetterQueueUrl }: Target, letters: DeadLetter[]): Promise<void> {
  for (let start = 0; start < letters.length; start += BATCH) {
    const Entries = letters
      .slice(start, start + BATCH)
      .map(({ receiptHandle }, i) => ({ Id: String(i), ReceiptHandle: receiptHandle, VisibilityTimeout: 0 }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: deadLetterQueueUrl, Entries }));
  }
}

/** What a queue holds by SQS's own count, which lags by a few seconds. */
export async function depth({ sqs }: Target, QueueUrl: string): Promise<{ waiting: number; inHand: number }> {
  const names = {
    waiting: "ApproximateNumberOfMessages",
    inHand: "ApproximateNumberOfMessagesNotVisible",
  } as const satisfies Record<string, QueueAttributeName>;
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: Object.values(names) });
  const { Attributes = {} } = await sqs.send(command);
  return { waiting: Number(Attributes[names.waiting]), inHand: Number(Attributes[names.inHand]) };
}

function read(body: string, bucket: string): Pick<DeadLetter, "keys" | "code"> {
  try {
    const { jobs, rejections } = parseNotification(body);
    const keys = jobs.map(({ key }) => key);
    if (jobs.some((job) => job.bucket !== bucket)) return { keys, code: "wrong-bucket" };
    return { keys, code: rejections.length > 0 ? "invalid-key" : undefined };
  } catch (error) {
    if (error instanceof ThumbsmithError) return { keys: [], code: "invalid-message" };
    throw error;
  }
}
