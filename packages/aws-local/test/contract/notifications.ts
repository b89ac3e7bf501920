import {
  type Event,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  type QueueConfiguration,
} from "@aws-sdk/client-s3";
import { DeleteMessageCommand, ReceiveMessageCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { S3Event, S3EventRecord } from "aws-lambda";
import { type Endpoint, endpointKind, type Queue } from "./endpoint.ts";

export const ALL: Event[] = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"];

/** AWS delivers events at some later time. The other endpoints deliver before they answer. */
const QUIET_SECONDS = endpointKind === "aws" ? 10 : 0;

/** A configuration that sends these events of keys with this prefix and suffix to a queue. */
export function rule({ arn }: Queue, Events: Event[], filter: { prefix?: string; suffix?: string } = {}) {
  const FilterRules = Object.entries(filter).map(([Name, Value]) => ({ Name: Name as "prefix", Value }));
  return { QueueArn: arn, Events, ...(FilterRules.length > 0 ? { Filter: { Key: { FilterRules } } } : {}) };
}

/** The name and the key of each event. */
export const names = (records: S3EventRecord[]) =>
  records.map(
    ({ eventName, s3 }) => `${eventName} ${decodeURIComponent(s3.object.key.replaceAll("+", " "))}`,
  );

/** Helpers to write objects, and to read their events from a queue. */
export function notifications({ s3, sqs, createBucket, createQueue }: Endpoint) {
  async function messages({ url }: Queue): Promise<unknown[]> {
    const bodies: unknown[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: QUIET_SECONDS }),
      );
      if (Messages.length === 0) return bodies;
      for (const { Body = "", ReceiptHandle } of Messages) {
        bodies.push(JSON.parse(Body));
        await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
      }
    }
  }

  return {
    messages,

    /** Receives the records of events until the queue stays empty. */
    async records(queue: Queue): Promise<S3EventRecord[]> {
      const events = (await messages(queue)) as (Partial<S3Event> & { Event?: string })[];
      return events.filter(({ Event }) => Event !== "s3:TestEvent").flatMap(({ Records = [] }) => Records);
    },

    async bucketAndQueue(): Promise<[string, Queue]> {
      const queue = await createQueue();
      if (endpointKind === "aws") await allowS3(queue);
      return [await createBucket(), queue];
    },

    configure: (Bucket: string, QueueConfigurations: QueueConfiguration[]) =>
      s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket,
          NotificationConfiguration: { QueueConfigurations },
        }),
      ),

    put: (Bucket: string, Key: string, Body = "hello") =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body })),
  };

  async function allowS3({ url, arn }: Queue): Promise<void> {
    const Principal = { Service: "s3.amazonaws.com" };
    const statement = { Effect: "Allow", Principal, Action: "sqs:SendMessage", Resource: arn };
    const Attributes = { Policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }) };
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
  }
}
