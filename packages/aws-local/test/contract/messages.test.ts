import { setTimeout as sleep } from "node:timers/promises";
import { ChangeMessageVisibilityCommand, type Message } from "@aws-sdk/client-sqs";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect, type Queue } from "./endpoint.ts";
import { refusal } from "./errors.ts";
import { bodies, messaging } from "./messaging.ts";

const endpoint = await connect();
const { sqs } = endpoint;
const { attributes, receive, receiveOne, remove, send } = messaging(endpoint);
afterAll(() => endpoint.close());

behaves("a message is received with its body, its MD5 and its attributes", async () => {
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

behaves("attributes of a message are returned on request", async () => {
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

behaves("a message that is in flight is not received again until its timeout", async () => {
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

behaves("the visibility timeout of a message can be ended or extended", async () => {
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

behaves("the visibility of a message that is not in flight cannot be changed", async () => {
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

behaves("a long poll is answered as soon as a message comes", async () => {
  const queue = await endpoint.createQueue();
  const start = Date.now();
  const waiting = receive(queue, { WaitTimeSeconds: 10 });
  await sleep(300);
  await send(queue, "x");
  expect(bodies(await waiting)).toEqual(["x"]);
  expect(Date.now() - start).toBeLessThan(3000);
});

behaves("a long poll without a message is answered when its time is up", async () => {
  const queue = await endpoint.createQueue();
  const start = Date.now();
  expect(await receive(queue, { WaitTimeSeconds: 1 })).toEqual([]);
  expect(Date.now() - start).toBeGreaterThanOrEqual(950);
});

behaves("a message is given to only one of several long polls", async () => {
  const queue = await endpoint.createQueue();
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
