import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";

export interface EventSourceMappingOptions {
  sqs: SQSClient;
  queueUrl: string;
  queueArn: string;
  /** The most messages of one invocation. */
  batchSize: number;
  /** The most invocations at once. */
  maximumConcurrency: number;
  /** How long a batch with its first message waits for more. */
  batchingWindowSeconds?: number;
  functionName: string;
  timeoutSeconds: number;
  memoryMb: number;
  handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse | undefined>;
  /** Called with the reason if a whole batch failed, or if the queue could not be polled. */
  onError?: (error: unknown) => void;
}

export interface EventSourceMapping {
  /** Receives no more messages, and waits for running invocations. */
  stop(): Promise<void>;
}

type ReceivedMessage = Message & { MessageId: string; ReceiptHandle: string };

/** The most messages that SQS returns or deletes in one call, and the longest poll. */
const MAX_MESSAGES = 10;
const MAX_WAIT_SECONDS = 20;
const RETRY_MS = 1000;

/**
 * Polls a queue and invokes a handler with batches of its messages, as Lambda's event source mapping does with
 * ReportBatchItemFailures: messages that succeeded are deleted, and those that failed become visible again.
 */
export function startEventSourceMapping(options: EventSourceMappingOptions): EventSourceMapping {
  const stopping = new AbortController();
  const pollers = Array.from({ length: options.maximumConcurrency }, () => poll(options, stopping.signal));
  return {
    async stop() {
      stopping.abort();
      await Promise.all(pollers);
    },
  };
}

async function poll(options: EventSourceMappingOptions, signal: AbortSignal): Promise<void> {
  const { onError = (error: unknown) => console.error(error) } = options;
  while (!signal.aborted) {
    let batch: ReceivedMessage[];
    try {
      batch = await receiveBatch(options, signal);
    } catch (error) {
      if (signal.aborted) return;
      onError(error);
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
      continue;
    }
    if (batch.length > 0) await processBatch(options, batch).catch(onError);
  }
}

async function receiveBatch(
  options: EventSourceMappingOptions,
  signal: AbortSignal,
): Promise<ReceivedMessage[]> {
  const { batchSize, batchingWindowSeconds = 0 } = options;
  const batch = await receive(options, batchSize, MAX_WAIT_SECONDS, signal);
  const deadline = Date.now() + batchingWindowSeconds * 1000;
  while (batch.length > 0 && batch.length < batchSize && Date.now() < deadline && !signal.aborted) {
    const seconds = Math.min(MAX_WAIT_SECONDS, Math.ceil((deadline - Date.now()) / 1000));
    // If this fails, the messages that were already received are handled.
    batch.push(...(await receive(options, batchSize - batch.length, seconds, signal).catch(() => [])));
  }
  return batch;
}

async function receive(
  { sqs, queueUrl }: EventSourceMappingOptions,
  count: number,
  waitSeconds: number,
  abortSignal: AbortSignal,
): Promise<ReceivedMessage[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: Math.min(count, MAX_MESSAGES),
    WaitTimeSeconds: waitSeconds,
    MessageSystemAttributeNames: ["All"],
    MessageAttributeNames: ["All"],
  });
  const { Messages = [] } = await sqs.send(command, { abortSignal });
  return Messages.filter((message): message is ReceivedMessage =>
    Boolean(message.MessageId && message.ReceiptHandle),
  );
}

async function processBatch(options: EventSourceMappingOptions, batch: ReceivedMessage[]): Promise<void> {
  const failed = failedIds(await invoke(options, batch), batch);
  const done = batch.filter(({ MessageId }) => !failed.has(MessageId));
  for (let start = 0; start < done.length; start += MAX_MESSAGES) {
    const Entries = done
      .slice(start, start + MAX_MESSAGES)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await options.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: options.queueUrl, Entries }));
  }
}

/** Returns the handler's response. Throws if the handler throws or takes too long. */
async function invoke(options: EventSourceMappingOptions, batch: ReceivedMessage[]): Promise<unknown> {
  const { functionName, timeoutSeconds, queueArn, handler } = options;
  const event = { Records: batch.map((message) => toRecord(message, queueArn)) };
  const finished = new AbortController();
  const timeout = sleep(timeoutSeconds * 1000, undefined, { signal: finished.signal }).then(() => {
    throw new Error(`${functionName}: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
  });
  timeout.catch(() => {});
  try {
    return await Promise.race([handler(event, createContext(options)), timeout]);
  } finally {
    finished.abort();
  }
}

/** Reads the ids of failed messages. Throws if the response is malformed, as the whole batch then fails on Lambda. */
function failedIds(response: unknown, batch: ReceivedMessage[]): Set<string> {
  if (response === undefined || response === null) return new Set();
  if (typeof response !== "object") throw new Error(`Expected a batch response but received ${response}.`);
  const failures = "batchItemFailures" in response ? (response.batchItemFailures ?? []) : [];
  if (!Array.isArray(failures)) throw new Error("Expected batchItemFailures to be a list.");
  const known = new Set(batch.map(({ MessageId }) => MessageId));
  const failed = new Set<string>();
  for (const failure of failures) {
    const id: unknown = failure?.itemIdentifier;
    if (typeof id !== "string" || !known.has(id)) {
      throw new Error(`Expected the id of a message of the batch but received ${JSON.stringify(id)}.`);
    }
    failed.add(id);
  }
  return failed;
}

function toRecord(message: ReceivedMessage, queueArn: string): SQSRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {});
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body ?? "",
    attributes: {
      ApproximateReceiveCount: "",
      SentTimestamp: "",
      SenderId: "",
      ApproximateFirstReceiveTimestamp: "",
      ...message.Attributes,
    },
    messageAttributes: Object.fromEntries(
      attributes.map(([name, { DataType = "", StringValue, BinaryValue }]) => [
        name,
        {
          stringValue: StringValue,
          binaryValue: BinaryValue && Buffer.from(BinaryValue).toString("base64"),
          stringListValues: [],
          binaryListValues: [],
          dataType: DataType,
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody ?? "",
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(":")[3] ?? "",
  };
}

function createContext({
  functionName,
  timeoutSeconds,
  memoryMb,
  queueArn,
}: EventSourceMappingOptions): Context {
  const deadline = Date.now() + timeoutSeconds * 1000;
  const [, , , region, account] = queueArn.split(":");
  const unsupported = () => {
    throw new Error("Callbacks are not supported: the handler is asynchronous.");
  };
  return {
    awsRequestId: randomUUID(),
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:${region}:${account}:function:${functionName}`,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    memoryLimitInMB: String(memoryMb),
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: unsupported,
    fail: unsupported,
    succeed: unsupported,
  };
}
