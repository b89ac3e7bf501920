import { filterPrefix, NOTIFIED_EVENTS, notificationFilters } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";
import { uploads } from "./buckets.ts";
import { account, key } from "./encryption.ts";

const DAY = 24 * 60 * 60;
/** Attempts at a message before it is a dead letter. */
const MAX_RECEIVES = 5;

export const deadLetters = new sst.aws.Queue("DeadLetters", {
  transform: { queue: { messageRetentionSeconds: 14 * DAY } },
});

export const queue = new sst.aws.Queue("Jobs", {
  dlq: { queue: deadLetters.arn, retry: MAX_RECEIVES },
  // AWS's advice is six times the function's time-out, so that no message comes back while it is worked on.
  visibilityTimeout: `${6 * config.limits.timeout} seconds`,
  // A dead letter's age counts from its first arrival here, so this has to be the shorter.
  transform: { queue: { messageRetentionSeconds: 4 * DAY } },
});

new aws.sqs.RedriveAllowPolicy("DeadLettersRedrive", {
  queueUrl: deadLetters.url,
  redriveAllowPolicy: $jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: [queue.arn] }),
});

const queuePolicy = new aws.sqs.QueuePolicy("JobsPolicy", {
  queueUrl: queue.url,
  policy: $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "s3.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queue.arn,
        Condition: {
          ArnEquals: { "aws:SourceArn": uploads.arn },
          StringEquals: { "aws:SourceAccount": account },
        },
      },
    ],
  }),
});

// `uploads.notify` would write the queue's policy once for each of the filters, and let any bucket and topic send.
new aws.s3.BucketNotification(
  "UploadsEvents",
  {
    bucket: uploads.name,
    queues: notificationFilters(config.rules).map(({ prefix, suffix }) => ({
      id: `${prefix}*${suffix ?? ""}`,
      queueArn: queue.arn,
      filterPrefix: filterPrefix(prefix),
      filterSuffix: suffix,
      events: [...NOTIFIED_EVENTS],
    })),
  },
  { dependsOn: [queuePolicy, key] },
);
