import { setTimeout as sleep } from "node:timers/promises";
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";

const endpoint = await connect();
const { sqs } = endpoint;
afterAll(() => endpoint.close());

interface Queue {
  url: string;
  arn: string;
}

const send = ({ url }: Queue, MessageBody: string, options: Partial<SendMessageCommandInput> = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody, ...options }));

async function receive(
  { url }: Queue,
  options: Partial<ReceiveMessageCommandInput> = {},
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, ...options });
  return (await sqs.send(command)).Messages ?? [];
}

/** One message, which is there at once. */
async function receiveOne(queue: Queue, options: Partial<ReceiveMessageCommandInput> = {}): Promise<Message> {
  const [message] = await receive(queue, { MaxNumberOfMessages: 1, WaitTimeSeconds: 1, ...options });
  if (!message) throw new Error("Expected a message but received none.");
  return message;
}

async function attributes({ url }: Queue): Promise<Record<string, string>> {
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] });
  return (await sqs.send(command)).Attributes ?? {};
}

const remove = ({ url }: Queue, { ReceiptHandle }: Message) =>
  sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));

const bodies = (messages: Message[]) => messages.map(({ Body }) => Body).toSorted();

behaves("a message is received with its body, its MD5 and what SQS knows of it", async () => {
  const queue = await endpoint.createQueue();
  const sent = await send(queue, "hello é");
  expect(sent.MD5OfMessageBody).toBe("47b154673aa7a62db585b1b4275d5baa");
  const message = await receiveOne(queue, { MessageSystemAttributeNames: ["All"] });
  expect(message).toMatchObject({
    MessageId: sent.MessageId,
    Body: "hello é",
    MD5OfBody: sent.MD5OfMessageBody,
  });
  const { ApproximateReceiveCount, SentTimestamp, ApproximateFirstReceiveTimestamp } =
    message.Attributes ?? {};
  expect(ApproximateReceiveCount).toBe("1");
  expect(Math.abs(Number(SentTimestamp) - Date.now())).toBeLessThan(60_000);
  expect(Number(ApproximateFirstReceiveTimestamp)).toBeGreaterThanOrEqual(Number(SentTimestamp));
});

behaves("attributes of a message are given to who asks", async () => {
  const queue = await endpoint.createQueue();
  const MessageAttributes = {
    "app.name": { DataType: "String", StringValue: "thumbsmith" },
    count: { DataType: "Number", StringValue: "2" },
    raw: { DataType: "Binary", BinaryValue: Buffer.from([0, 255]) },
  };
  const sent = await send(queue, "x", { MessageAttributes });
  expect(sent.MD5OfMessageAttributes).toBe("654edb504be955bfde78e8252268ab6c");
  const message = await receiveOne(queue, { MessageAttributeNames: ["All"], VisibilityTimeout: 0 });
  expect(message.MessageAttributes).toMatchObject({
    "app.name": { DataType: "String", StringValue: "thumbsmith" },
    count: { DataType: "Number", StringValue: "2" },
  });
  expect([...(message.MessageAttributes?.raw?.BinaryValue ?? [])]).toEqual([0, 255]);
  expect((await receiveOne(queue)).MessageAttributes).toBeUndefined();
});

behaves("a message that is being worked on is not received again until its time is up", async () => {
  const queue = await endpoint.createQueue({ VisibilityTimeout: "1" });
  await send(queue, "x");
  expect(await receive(queue)).toHaveLength(1);
  expect(await receive(queue)).toHaveLength(0);
  await sleep(1100);
  const again = await receiveOne(queue, { MessageSystemAttributeNames: ["All"] });
  expect(again.Attributes?.ApproximateReceiveCount).toBe("2");
});

behaves("a message that was deleted does not come back", async () => {
  const queue = await endpoint.createQueue({ VisibilityTimeout: "1" });
  await send(queue, "x");
  await remove(queue, await receiveOne(queue));
  await sleep(1100);
  expect(await receive(queue)).toHaveLength(0);
});

behaves("work on a message can be given up, or more time be taken for it", async () => {
  const queue = await endpoint.createQueue({ VisibilityTimeout: "1" });
  await send(queue, "x");
  const change = ({ ReceiptHandle }: Message, VisibilityTimeout: number) =>
    sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: queue.url, ReceiptHandle, VisibilityTimeout }));
  await change(await receiveOne(queue), 0);
  const again = await receiveOne(queue);
  await change(again, 30);
  await sleep(1100);
  expect(await receive(queue)).toHaveLength(0);
  await change(again, 0);
  expect(await receive(queue)).toHaveLength(1);
});

behaves("the visibility of a message that nobody works on cannot be changed", async () => {
  const queue = await endpoint.createQueue();
  await send(queue, "x");
  const { ReceiptHandle } = await receiveOne(queue, { VisibilityTimeout: 0 });
  const command = new ChangeMessageVisibilityCommand({
    QueueUrl: queue.url,
    ReceiptHandle,
    VisibilityTimeout: 5,
  });
  expect(await refusal(sqs.send(command))).toEqual([400, "MessageNotInflight"]);
});

behaves("a receipt handle that was made up is refused", async () => {
  const queue = await endpoint.createQueue();
  const [status, code] = await refusal(remove(queue, { ReceiptHandle: "made up" }));
  expect(code).toBe("ReceiptHandleIsInvalid");
  expect([400, 404]).toContain(status);
});

behaves("who waits for messages is told at once when one comes", async () => {
  const queue = await endpoint.createQueue();
  const start = Date.now();
  const waiting = receive(queue, { WaitTimeSeconds: 10 });
  await sleep(300);
  await send(queue, "x");
  expect(bodies(await waiting)).toEqual(["x"]);
  expect(Date.now() - start).toBeLessThan(3000);
});

behaves("who waits in vain is told so when the time is up", async () => {
  const queue = await endpoint.createQueue();
  const start = Date.now();
  expect(await receive(queue, { WaitTimeSeconds: 1 })).toEqual([]);
  expect(Date.now() - start).toBeGreaterThanOrEqual(950);
});

behaves("a message is given to one of those who wait, and not to one who has gone", async () => {
  const queue = await endpoint.createQueue();
  const gone = new AbortController();
  const command = new ReceiveMessageCommand({ QueueUrl: queue.url, WaitTimeSeconds: 10 });
  const aborted = sqs.send(command, { abortSignal: gone.signal }).catch(() => "gone");
  await sleep(200);
  gone.abort();
  expect(await aborted).toBe("gone");
  await sleep(200);
  const waiting = [receive(queue, { WaitTimeSeconds: 1 }), receive(queue, { WaitTimeSeconds: 1 })];
  await send(queue, "x");
  expect((await Promise.all(waiting)).flat()).toHaveLength(1);
});

behaves("a message can be delayed", async () => {
  const queue = await endpoint.createQueue({ DelaySeconds: "1" });
  await send(queue, "by default");
  await send(queue, "not at all", { DelaySeconds: 0 });
  expect(bodies(await receive(queue))).toEqual(["not at all"]);
  expect(await attributes(queue)).toMatchObject({ ApproximateNumberOfMessagesDelayed: "1" });
  expect(bodies(await receive(queue, { WaitTimeSeconds: 3 }))).toEqual(["by default"]);
});

behaves("a queue counts what it has and what is being worked on", async () => {
  const queue = await endpoint.createQueue({ VisibilityTimeout: "30" });
  for (const body of ["1", "2", "3"]) await send(queue, body);
  await receiveOne(queue);
  expect(await attributes(queue)).toMatchObject({
    ApproximateNumberOfMessages: "2",
    ApproximateNumberOfMessagesNotVisible: "1",
    ApproximateNumberOfMessagesDelayed: "0",
    VisibilityTimeout: "30",
    MessageRetentionPeriod: "345600",
    QueueArn: queue.arn,
  });
  await sqs.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
  expect(await attributes(queue)).toMatchObject({ ApproximateNumberOfMessages: "0" });
});

behaves("what fails too often goes to the dead letters, as it was", async () => {
  const dead = await endpoint.createQueue();
  const queue = await endpoint.createQueue({
    VisibilityTimeout: "0",
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 }),
  });
  const { MessageId } = await send(queue, "poison");
  expect(await receive(queue)).toHaveLength(1);
  expect(await receive(queue)).toHaveLength(1);
  expect(await receive(queue, { WaitTimeSeconds: 1 })).toHaveLength(0);
  expect(await attributes(queue)).toMatchObject({ ApproximateNumberOfMessages: "0" });
  const letter = await receiveOne(dead, { WaitTimeSeconds: 5, MessageSystemAttributeNames: ["All"] });
  expect(letter).toMatchObject({ MessageId, Body: "poison" });
  expect(letter.Attributes?.DeadLetterQueueSourceArn).toBe(queue.arn);
});

behaves("a redrive policy to a queue that is not there is refused", async () => {
  const queue = await endpoint.createQueue();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: `${queue.arn}-none`, maxReceiveCount: 2 });
  const command = new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { RedrivePolicy } });
  expect(await refusal(sqs.send(command))).toEqual([400, "InvalidParameterValue"]);
});

behaves("batches send, change and delete, and tell the fate of each entry", async () => {
  const queue = await endpoint.createQueue();
  const QueueUrl = queue.url;
  const Entries = ["a", "b", "c"].map((MessageBody) => ({ Id: MessageBody, MessageBody }));
  const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  expect(sent.Successful?.map(({ Id }) => Id)).toEqual(["a", "b", "c"]);
  const received: Message[] = [];
  while (received.length < 3) received.push(...(await receive(queue, { WaitTimeSeconds: 1 })));
  expect(bodies(received)).toEqual(["a", "b", "c"]);
  const handles = received.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  const changed = await sqs.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl,
      Entries: handles.map((entry) => ({ ...entry, VisibilityTimeout: 30 })),
    }),
  );
  expect(changed.Successful).toHaveLength(3);
  const bad = { Id: "bad", ReceiptHandle: "made up" };
  const deleted = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [...handles, bad] }));
  expect(deleted.Successful).toHaveLength(3);
  expect(deleted.Failed).toMatchObject([{ Id: "bad", Code: "ReceiptHandleIsInvalid", SenderFault: true }]);
});

const entry = (Id: string) => ({ Id, MessageBody: "x" });

behaves.each([
  { title: "of none", entries: [], code: "EmptyBatchRequest" },
  {
    title: "of eleven",
    entries: Array.from({ length: 11 }, (_, n) => entry(`${n}`)),
    code: "TooManyEntriesInBatchRequest",
  },
  { title: "with an id twice", entries: [entry("a"), entry("a")], code: "BatchEntryIdsNotDistinct" },
])("a batch $title is refused", async ({ entries, code }) => {
  const { url } = await endpoint.createQueue();
  const command = new SendMessageBatchCommand({ QueueUrl: url, Entries: entries });
  expect(await refusal(sqs.send(command))).toEqual([400, code]);
});

behaves.each([
  {
    title: "an empty message",
    ask: (queue: Queue) => send(queue, ""),
    code: "MissingParameter",
  },
  {
    title: "a message with a control character",
    ask: (queue: Queue) => send(queue, "\u0001"),
    code: "InvalidMessageContents",
  },
  {
    title: "more than 1 MiB",
    ask: (queue: Queue) => send(queue, "x".repeat(1_048_577)),
    code: "InvalidParameterValue",
  },
  {
    title: "a delay of more than 15 minutes",
    ask: (queue: Queue) => send(queue, "x", { DelaySeconds: 901 }),
    code: "InvalidParameterValue",
  },
  {
    title: "a wait of more than 20 seconds",
    ask: (queue: Queue) => receive(queue, { WaitTimeSeconds: 21 }),
    code: "InvalidParameterValue",
  },
  {
    title: "more than ten messages at once",
    ask: (queue: Queue) => receive(queue, { MaxNumberOfMessages: 11 }),
    code: "InvalidParameterValue",
  },
])("$title is refused", async ({ ask, code }) => {
  expect(await refusal(ask(await endpoint.createQueue()))).toEqual([400, code]);
});

behaves("a queue is found by its name, and created again only as it is", async () => {
  const QueueName = `contract-named-${Date.now().toString(36)}`;
  const Attributes = { VisibilityTimeout: "7" };
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  expect((await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl).toBe(QueueUrl);
  expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: QueueName }))).QueueUrls).toEqual([
    QueueUrl,
  ]);
  expect((await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl).toBe(QueueUrl);
  const other = new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: "8" } });
  expect(await refusal(sqs.send(other))).toEqual([400, "QueueNameExists"]);
  await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  expect(await refusal(sqs.send(new GetQueueUrlCommand({ QueueName })))).toEqual([400, "QueueDoesNotExist"]);
});

behaves("the attributes of a queue can be changed", async () => {
  const queue = await endpoint.createQueue();
  const Attributes = { VisibilityTimeout: "12", MessageRetentionPeriod: "60" };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes }));
  expect(await attributes(queue)).toMatchObject(Attributes);
  const bad = new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { VisibilityTimeout: "-1" } });
  expect((await refusal(sqs.send(bad)))[0]).toBe(400);
});
