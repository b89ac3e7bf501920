import type { SQSEvent } from "aws-lambda";

/** A batch of messages as the function gets it from Lambda. */
export function batchOf(bodies: readonly string[]): SQSEvent {
  const attributes = {
    ApproximateReceiveCount: "1",
    SentTimestamp: "0",
    SenderId: "s3",
    ApproximateFirstReceiveTimestamp: "0",
  };
  return {
    Records: bodies.map((body, i) => ({
      messageId: `m${i}`,
      receiptHandle: `r${i}`,
      body,
      attributes,
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:jobs",
      awsRegion: "us-east-1",
    })),
  };
}
