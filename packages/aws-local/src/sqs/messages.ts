import { createHash } from "node:crypto";
import { SqsError } from "./errors.ts";
import { type Input, invalid } from "./input.ts";
import { type Message, type MessageAttribute, NUMBERS, type Queue, receiptHandle } from "./queue.ts";

const MAX_BATCH = 10;
const RECEIVE_BOUNDS = { min: 1, max: MAX_BATCH };
const LEGAL_BODY = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u;

export function sendMessage(queue: Queue, input: Input): unknown {
  const body = input.text("MessageBody");
  if (!LEGAL_BODY.test(body)) {
    throw new SqsError("InvalidMessageContents", "The message contains characters outside the allowed set.");
  }
  const attributes = parseAttributes(input.members("MessageAttributes"));
  if (sizeOf(body, attributes) > queue.numbers.MaximumMessageSize) {
    throw invalid(`Reason: Message must be shorter than ${queue.numbers.MaximumMessageSize} bytes.`);
  }
  const message = queue.send(body, attributes, input.integer("DelaySeconds", NUMBERS.DelaySeconds));
  return {
    MessageId: message.id,
    MD5OfMessageBody: md5(body),
    MD5OfMessageAttributes: md5OfAttributes(attributes),
  };
}

export function sendMessageBatch(queue: Queue, input: Input): unknown {
  const size = input
    .entries("Entries")
    .reduce((sum, entry) => sum + Buffer.byteLength(entry.text("MessageBody")), 0);
  if (size > queue.numbers.MaximumMessageSize) {
    throw new SqsError(
      "BatchRequestTooLong",
      "The length of all the messages put together is more than the limit.",
    );
  }
  return batch(input, (entry) => sendMessage(queue, entry));
}

export async function receiveMessage(queue: Queue, input: Input, signal: AbortSignal): Promise<unknown> {
  const messages = await queue.receive(
    input.integer("MaxNumberOfMessages", RECEIVE_BOUNDS) ?? 1,
    input.integer("WaitTimeSeconds", NUMBERS.ReceiveMessageWaitTimeSeconds) ??
      queue.numbers.ReceiveMessageWaitTimeSeconds,
    input.integer("VisibilityTimeout", NUMBERS.VisibilityTimeout) ?? queue.numbers.VisibilityTimeout,
    signal,
  );
  const names = [...input.texts("AttributeNames"), ...input.texts("MessageSystemAttributeNames")];
  const attributeNames = input.texts("MessageAttributeNames");
  return messages.length > 0 ? { Messages: messages.map((m) => describe(m, names, attributeNames)) } : {};
}

export function deleteMessageBatch(queue: Queue, input: Input): unknown {
  return batch(input, (entry) => queue.delete(entry.text("ReceiptHandle")));
}

export function changeMessageVisibility(queue: Queue, input: Input): void {
  const seconds = input.integer("VisibilityTimeout", NUMBERS.VisibilityTimeout);
  if (seconds === undefined) throw invalid("The request must contain the parameter VisibilityTimeout.");
  queue.changeVisibility(input.text("ReceiptHandle"), seconds);
}

export function changeMessageVisibilityBatch(queue: Queue, input: Input): unknown {
  return batch(input, (entry) => changeMessageVisibility(queue, entry));
}

function batch(input: Input, work: (entry: Input) => unknown): unknown {
  const entries = input.entries("Entries");
  const ids = entries.map((entry) => entry.text("Id"));
  if (ids.length === 0)
    throw new SqsError("EmptyBatchRequest", "There should be at least one entry in the request.");
  if (ids.length > MAX_BATCH) {
    throw new SqsError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${MAX_BATCH}.`,
    );
  }
  if (new Set(ids).size < ids.length)
    throw new SqsError("BatchEntryIdsNotDistinct", "Two entries have the same Id.");
  const Successful: unknown[] = [];
  const Failed: unknown[] = [];
  for (const entry of entries) {
    const Id = entry.text("Id");
    try {
      Successful.push({ Id, ...Object(work(entry)) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      Failed.push({ Id, Code: error.queryCode, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}

function describe(message: Message, names: string[], attributeNames: string[]): unknown {
  const system: Record<string, string | undefined> = {
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ApproximateReceiveCount: String(message.receiveCount),
    DeadLetterQueueSourceArn: message.deadLetterSource,
    SenderId: "AIDALOCAL",
    SentTimestamp: String(message.sentAt),
  };
  const wanted = (asked: string[]) => (name: string) =>
    asked.some(
      (pattern) =>
        pattern === "All" ||
        pattern === name ||
        (pattern.endsWith(".*") && name.startsWith(pattern.slice(0, -1))),
    );
  const attributes = pick(message.attributes, wanted(attributeNames));
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle(message),
    Body: message.body,
    MD5OfBody: md5(message.body),
    Attributes: pick(system, wanted(names)),
    MessageAttributes: attributes,
    MD5OfMessageAttributes: attributes && md5OfAttributes(attributes),
  };
}

/** The members that are asked for, or undefined if there are none: SQS then leaves the map out. */
function pick<T>(
  map: Record<string, T | undefined>,
  wanted: (name: string) => boolean,
): Record<string, T> | undefined {
  const members = Object.entries(map).flatMap(([name, value]) =>
    value !== undefined && wanted(name) ? [[name, value] as const] : [],
  );
  return members.length > 0 ? Object.fromEntries(members) : undefined;
}

function parseAttributes(members: Record<string, unknown>): Message["attributes"] {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => {
      const attribute: MessageAttribute = { DataType: "", ...Object(value) };
      const { DataType, StringValue, BinaryValue } = attribute;
      if (!/^(String|Number|Binary)(\..+)?$/.test(DataType) || (StringValue ?? BinaryValue) === undefined) {
        throw invalid(`The message attribute '${name}' must have a type and a value of that type.`);
      }
      return [name, attribute];
    }),
  );
}

function sizeOf(body: string, attributes: Message["attributes"]): number {
  const texts = Object.entries(attributes).flatMap(([name, attribute]) => [
    name,
    attribute.DataType,
    attribute.StringValue ?? attribute.BinaryValue ?? "",
  ]);
  return [body, ...texts].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

/** The MD5 that SDKs verify: over names in order, each with its type, the kind of its value, and its value, with lengths. */
function md5OfAttributes(attributes: Message["attributes"]): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash("md5");
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const { DataType = "", StringValue, BinaryValue = "" } = attributes[name] ?? {};
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    hash.update(Buffer.from([StringValue === undefined ? 2 : 1]));
    add(StringValue === undefined ? Buffer.from(BinaryValue, "base64") : Buffer.from(StringValue));
  }
  return hash.digest("hex");
}
