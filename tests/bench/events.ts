import { BUCKETS } from "@thumbsmith/local";
import { notificationBody } from "@thumbsmith/shared";
import type { SQSEvent, SQSRecord } from "aws-lambda";

/** The event that Lambda passes to the function: a message for each key. */
export function eventOf(keys: readonly string[]): SQSEvent {
  return { Records: keys.map(recordOf) };
}

function recordOf(key: string): SQSRecord {
  const stamp = String(Date.now());
  return {
    messageId: key,
    receiptHandle: key,
    body: notificationBody({ bucket: BUCKETS.uploads, key, event: "ObjectCreated:Put" }),
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: stamp,
      SenderId: "bench",
      ApproximateFirstReceiveTimestamp: stamp,
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:bench",
    awsRegion: "us-east-1",
  };
}
