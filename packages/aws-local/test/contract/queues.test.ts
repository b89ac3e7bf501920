import {
  ChangeMessageVisibilityBatchCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";
import { bodies, messaging } from "./messaging.ts";

const endpoint = await connect();
const { sqs } = endpoint;
const { attributes, receive, receiveOne, send } = messaging(endpoint);
afterAll(() => endpoint.close());

behaves("a queue counts its messages, and those that are in flight", async () => {
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

behaves("a message that fails too often goes to the dead letters, unchanged", async () => {
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

behaves("a redrive policy to a missing queue is refused", async () => {
  const queue = await endpoint.createQueue();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: `${queue.arn}-none`, maxReceiveCount: 2 });
  const command = new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { RedrivePolicy } });
  expect(await refusal(sqs.send(command))).toEqual([400, "InvalidParameterValue"]);
});

behaves("batches send, change and delete, and report the result of each entry", async () => {
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
  { title: "without entries", entries: [], code: "EmptyBatchRequest" },
  {
    title: "of eleven entries",
    entries: Array.from({ length: 11 }, (_, n) => entry(`${n}`)),
    code: "TooManyEntriesInBatchRequest",
  },
  { title: "with a duplicate id", entries: [entry("a"), entry("a")], code: "BatchEntryIdsNotDistinct" },
])("a batch $title is refused", async ({ entries, code }) => {
  const { url } = await endpoint.createQueue();
  const command = new SendMessageBatchCommand({ QueueUrl: url, Entries: entries });
  expect(await refusal(sqs.send(command))).toEqual([400, code]);
});

behaves("a queue is found by its name, and can only be created again with the same attributes", async () => {
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
