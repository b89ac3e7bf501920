import { filterPrefix, NOTIFIED_EVENTS, notificationFilters } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";
import { uploads } from "./buckets.ts";
import { account, key } from "./encryption.ts";
import { uploadsRule } from "./uploads-rule.ts";

const DAY = 24 * 60 * 60;
/** Attempts at a message before it becomes a dead letter. */
const MAX_RECEIVES = 5;

export const deadLetters = new sst.aws.Queue("DeadLetters", {
  transform: { queue: { messageRetentionSeconds: 14 * DAY } },
});

export const queue = new sst.aws.Queue("Jobs", {
  dlq: { queue: deadLetters.arn, retry: MAX_RECEIVES },
  // AWS recommends six times the function's timeout, so that a message does not come back while it is being processed.
  visibilityTimeout: `${6 * config.limits.timeout} seconds`,
  // The age of a dead letter counts from when it was sent here, so this must be shorter than its retention there.
  transform: { queue: { messageRetentionSeconds: 4 * DAY } },
});

new aws.sqs.RedriveAllowPolicy("DeadLettersRedrive", {
  queueUrl: deadLetters.url,
  redriveAllowPolicy: $jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: [queue.arn] }),
});

if (uploadsRule) hearOf(uploadsRule);
else notify();

/** Makes our bucket send its events to the queue. */
function notify() {
  const policy = mayBeSentTo("JobsPolicy", queue, "s3.amazonaws.com", uploads.arn);
  // `uploads.notify` would make a policy for the queue once per filter, and let any bucket and topic send.
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

/** Makes EventBridge send the events of a bucket that exists. Those it cannot deliver within a day become dead letters. */
function hearOf(rule: aws.cloudwatch.EventRule) {
  const events = "events.amazonaws.com";
  const policies = [
    mayBeSentTo("JobsPolicy", queue, events, rule.arn),
    // The same name as in infra/transforms/locks.ts. With another, a stage that starts to use an existing bucket would make
    // this policy, then delete the old one, which leaves the queue without a policy.
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
