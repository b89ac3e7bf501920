import { filterPrefix, NOTIFIED_EVENTS, notificationFilters } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";
import { uploads } from "./buckets.ts";
import { account, key } from "./encryption.ts";
import { uploadsRule } from "./uploads-rule.ts";

const DAY = 24 * 60 * 60;
/** Attempts at a message before it is a dead letter. */
const MAX_RECEIVES = 5;

export const deadLetters = new sst.aws.Queue("DeadLetters", {
  transform: { queue: { messageRetentionSeconds: 14 * DAY } },
});

export const queue = new sst.aws.Queue("Jobs", {
  dlq: { queue: deadLetters.arn, retry: MAX_RECEIVES },
  // AWS recommends six times the function's timeout, so that no message comes back while it is being processed.
  visibilityTimeout: `${6 * config.limits.timeout} seconds`,
  // A dead letter's age counts from its first arrival here, so this has to be the shorter.
  transform: { queue: { messageRetentionSeconds: 4 * DAY } },
});

new aws.sqs.RedriveAllowPolicy("DeadLettersRedrive", {
  queueUrl: deadLetters.url,
  redriveAllowPolicy: $jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: [queue.arn] }),
});

if (uploadsRule) hearOf(uploadsRule);
else notify();

/** The bucket that is made here tells the queue itself. */
function notify() {
  const policy = mayBeSentTo("JobsPolicy", queue, "s3.amazonaws.com", uploads.arn);
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
    { dependsOn: [policy, key] },
  );
}

/** Of a bucket that exists, EventBridge tells it. What it cannot deliver within a day is a dead letter like any other. */
function hearOf(rule: aws.cloudwatch.EventRule) {
  const events = "events.amazonaws.com";
  const policies = [
    mayBeSentTo("JobsPolicy", queue, events, rule.arn),
    // By the name that infra/transforms/locks.ts gives it elsewhere. One of another name would be deleted after this was made.
    mayBeSentTo("DeadLettersQueuePolicy", deadLetters, events, rule.arn),
  ];
  new aws.cloudwatch.EventTarget(
    "UploadsTarget",
    {
      rule: rule.name,
      arn: queue.arn,
      retryPolicy: { maximumEventAgeInSeconds: DAY, maximumRetryAttempts: 185 },
      deadLetterConfig: { arn: deadLetters.arn },
    },
    { dependsOn: [...policies, key] },
  );
}

function mayBeSentTo(name: string, to: sst.aws.Queue, service: string, sender: $util.Input<string>) {
  return new aws.sqs.QueuePolicy(name, {
    queueUrl: to.url,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: service },
          Action: "sqs:SendMessage",
          Resource: to.arn,
          Condition: {
            ArnEquals: { "aws:SourceArn": sender },
            StringEquals: { "aws:SourceAccount": account },
          },
        },
      ],
    }),
  });
}
