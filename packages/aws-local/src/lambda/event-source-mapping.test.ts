import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { Context, SQSEvent } from "aws-lambda";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type LocalEndpoint, startLocal } from "../../test/contract/local.ts";
import {
  type EventSourceMapping,
  type EventSourceMappingOptions,
  startEventSourceMapping,
} from "./event-source-mapping.ts";

let local: LocalEndpoint;
const mappings: EventSourceMapping[] = [];

beforeAll(async () => {
  local = await startLocal();
});

afterAll(async () => {
  await Promise.all(mappings.map((mapping) => mapping.stop()));
  await local.stop();
  await rm(local.directory, { recursive: true });
});

type Handler = (event: SQSEvent, context: Context) => Promise<unknown>;

/** Creates a queue for one test. The tests run at the same time, because most wait for messages to become visible. */
async function setUp(attributes: Record<string, string> = { VisibilityTimeout: "1" }) {
  const dead = await local.createQueue();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
  const queue = await local.createQueue({ ...attributes, RedrivePolicy });
  const errors: string[] = [];

  /** A handler may return what its type forbids, and Lambda has to handle that too. */
  const start = (handler: Handler, options: Partial<EventSourceMappingOptions> = {}): EventSourceMapping => {
    const mapping = startEventSourceMapping({
      sqs: local.sqs,
      queueUrl: queue.url,
      queueArn: queue.arn,
      batchSize: 10,
      maximumConcurrency: 1,
      functionName: "thumbsmith-test",
      timeoutSeconds: 5,
      memoryMb: 512,
      handler: handler as EventSourceMappingOptions["handler"],
      onError: (error) => errors.push(String(error)),
      ...options,
    });
    mappings.push(mapping);
    return mapping;
  };

  const send = async (...bodies: string[]) => {
    for (const MessageBody of bodies) {
      await local.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody }));
    }
  };

  const left = async (url = queue.url) => {
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] });
    const { Attributes = {} } = await local.sqs.send(command);
    return (
      Number(Attributes.ApproximateNumberOfMessages) +
      Number(Attributes.ApproximateNumberOfMessagesNotVisible)
    );
  };
  return { queue, dead, errors, start, send, left };
}

const eventually = (assertion: () => unknown) => vi.waitFor(assertion, { timeout: 8000, interval: 20 });
const bodiesOf = ({ Records }: SQSEvent) => Records.map(({ body }) => body);
const failures = (...ids: unknown[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

it.concurrent("the handler gets a message in Lambda's format", async () => {
  const { queue, start, left } = await setUp();
  const events: SQSEvent[] = [];
  const MessageAttributes = {
    app: { DataType: "String", StringValue: "thumbsmith" },
    raw: { DataType: "Binary", BinaryValue: Buffer.from("hi") },
  };
  const { MessageId } = await local.sqs.send(
    new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "hello", MessageAttributes }),
  );
  start(async (event) => void events.push(event));
  await eventually(() => expect(events).toHaveLength(1));
  expect(events[0]).toEqual({
    Records: [
      {
        messageId: MessageId,
        receiptHandle: expect.any(String),
        body: "hello",
        attributes: {
          ApproximateReceiveCount: "1",
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: expect.any(String),
        },
        messageAttributes: {
          app: { stringValue: "thumbsmith", stringListValues: [], binaryListValues: [], dataType: "String" },
          raw: { binaryValue: "aGk=", stringListValues: [], binaryListValues: [], dataType: "Binary" },
        },
        md5OfBody: "5d41402abc4b2a76b9719d911017c592",
        eventSource: "aws:sqs",
        eventSourceARN: queue.arn,
        awsRegion: "us-east-1",
      },
    ],
  });
  await eventually(async () => expect(await left()).toBe(0));
});

it.concurrent("the context has the function's name and the remaining time", async () => {
  const { start, send } = await setUp();
  const contexts: Context[] = [];
  const remaining: number[] = [];
  start(async (_event, context) => {
    contexts.push(context);
    remaining.push(context.getRemainingTimeInMillis());
  });
  await send("1");
  await eventually(() => expect(contexts).toHaveLength(1));
  await send("2");
  await eventually(() => expect(contexts).toHaveLength(2));
  expect(contexts[0]).toMatchObject({
    functionName: "thumbsmith-test",
    memoryLimitInMB: "512",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:thumbsmith-test",
  });
  expect(remaining[0]).toBeGreaterThan(4900);
  expect(remaining[0]).toBeLessThanOrEqual(5000);
  expect(contexts[0]?.awsRequestId).not.toBe(contexts[1]?.awsRequestId);
});

it.concurrent("messages that failed come back, and those that succeeded do not", async () => {
  const { errors, start, send, left } = await setUp();
  const batches: string[][] = [];
  await send("good", "bad", "fine");
  start(async (event) => {
    batches.push(bodiesOf(event));
    const bad = event.Records.filter(({ body }) => body === "bad");
    return batches.length === 1 ? failures(...bad.map(({ messageId }) => messageId)) : undefined;
  });
  await eventually(() => expect(batches).toEqual([["good", "bad", "fine"], ["bad"]]));
  await eventually(async () => expect(await left()).toBe(0));
  expect(errors).toEqual([]);
});

it.concurrent.each<[string, unknown]>([
  ["nothing", undefined],
  ["null", null],
  ["no failures", failures()],
  ["null for failures", { batchItemFailures: null }],
  ["an empty object", {}],
])("the batch succeeds if the handler returns %s", async (_what, response) => {
  const { errors, start, send, left } = await setUp();
  await send("1", "2");
  start(async () => response);
  await eventually(async () => expect(await left()).toBe(0));
  expect(errors).toEqual([]);
});

it.concurrent.each<[string, Handler]>([
  ["throws", () => Promise.reject(new Error("broken"))],
  [
    "throws synchronously",
    () => {
      throw new Error("broken");
    },
  ],
  ["returns a text", async () => "done"],
  ["returns failures that are not a list", async () => ({ batchItemFailures: "1" })],
  ["names a message of another batch", async () => failures("00000000-0000-0000-0000-000000000000")],
  ["names an empty id", async () => failures("")],
  ["names null", async () => failures(null)],
  ["misspells the identifier", async () => ({ batchItemFailures: [{ messageId: "x" }] })],
])("the whole batch fails if the handler %s", async (_what, handler) => {
  const { errors, start, send } = await setUp();
  const batches: string[][] = [];
  await send("1", "2");
  start(async (event, context) => {
    batches.push(bodiesOf(event));
    return batches.length === 1 ? handler(event, context) : undefined;
  });
  await eventually(() => expect(batches.slice(1).flat().toSorted()).toEqual(["1", "2"]));
  expect(batches[0]).toEqual(["1", "2"]);
  expect(errors).toHaveLength(1);
});

it.concurrent("the whole batch fails if the handler takes too long", async () => {
  const { errors, start, send } = await setUp();
  const counts: number[] = [];
  await send("slow");
  start(
    async ({ Records }) => {
      counts.push(Records.length);
      if (counts.length === 1) await sleep(700);
    },
    { timeoutSeconds: 0.3 },
  );
  await eventually(() => expect(counts).toEqual([1, 1]));
  expect(errors).toEqual(["Error: thumbsmith-test: Task timed out after 0.30 seconds"]);
});

it.concurrent("a message that fails too often goes to the dead letters", async () => {
  const { dead, start, send, left } = await setUp();
  await send("poison");
  start(async ({ Records }) => failures(...Records.map(({ messageId }) => messageId)));
  await eventually(async () => expect(await left(dead.url)).toBe(1));
  const { Messages } = await local.sqs.send(new ReceiveMessageCommand({ QueueUrl: dead.url }));
  expect(Messages).toMatchObject([{ Body: "poison" }]);
});

it.concurrent("a batch is not larger than configured", async () => {
  const { start, send } = await setUp();
  const sizes: number[] = [];
  await send("1", "2", "3", "4", "5");
  start(async ({ Records }) => void sizes.push(Records.length), { batchSize: 2 });
  await eventually(() => expect(sizes).toEqual([2, 2, 1]));
});

it.concurrent("with a window, a batch can have more messages than SQS returns at once", async () => {
  const { start, send, left } = await setUp({ VisibilityTimeout: "30" });
  const sizes: number[] = [];
  await send(...Array.from({ length: 14 }, (_, n) => String(n)));
  start(async ({ Records }) => void sizes.push(Records.length), { batchSize: 12, batchingWindowSeconds: 1 });
  await eventually(() => expect(sizes).toEqual([12, 2]));
  await eventually(async () => expect(await left()).toBe(0));
});

it.concurrent("no more invocations run at once than configured", async () => {
  const { start, send } = await setUp();
  let running = 0;
  let most = 0;
  let done = 0;
  await send("1", "2", "3", "4", "5", "6");
  start(
    async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(50);
      running -= 1;
      done += 1;
    },
    { batchSize: 1, maximumConcurrency: 2 },
  );
  await eventually(() => expect(done).toBe(6));
  expect(most).toBe(2);
});

it.concurrent("stop waits for running invocations, and receives no more messages", async () => {
  const { start, send, left } = await setUp();
  const handled: string[] = [];
  await send("1", "2");
  const mapping = start(
    async (event) => {
      await sleep(300);
      handled.push(...bodiesOf(event));
    },
    { batchSize: 1 },
  );
  await sleep(150);
  await mapping.stop();
  expect(handled).toEqual(["1"]);
  expect(await left()).toBe(1);
});

it.concurrent("stop ends a long poll", async () => {
  const { start } = await setUp();
  const mapping = start(async () => undefined);
  await sleep(100);
  const before = Date.now();
  await mapping.stop();
  expect(Date.now() - before).toBeLessThan(1000);
});

it.concurrent("polling goes on after an error of the queue", async () => {
  const { queue, errors, start } = await setUp();
  start(async () => undefined, { queueUrl: `${queue.url}-missing` });
  await eventually(() => expect(errors.length).toBeGreaterThanOrEqual(2));
  expect(errors[0]).toMatch(/does not exist/);
});
