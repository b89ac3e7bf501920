/** How the rehearsal differs from a deployment, because of the emulator. */
export interface Difference {
  what: string;
  instead: string;
  /** Types of resources that are left out. */
  without?: string[];
  /** Checks of `verify` that cannot pass then. */
  checks?: string[];
  /** Attributes that moto returns with other values than were set, so every deployment would set them again. */
  attributes?: string[];
}

export const differences: Difference[] = [
  {
    what: "Pulumi's engine and its AWS plugin",
    instead:
      "`sst` calls a stand-in, which runs SST's bundle and writes the resources that it registers as Terraform JSON. The provider is the one that Pulumi's plugin wraps.",
  },
  {
    what: "The account, its id and AWS's own checks of permissions",
    instead: "moto, with account 123456789012. It allows every call.",
  },
  {
    what: "The policies of SST's own buckets",
    instead: "moto ignores the conditions of a Deny, so they would lock out SST itself: they are removed.",
  },
  {
    what: "Which queue may use the dead letters",
    instead:
      "moto does not store a RedriveAllowPolicy, and drops a queue's policy when one is set: it is left out.",
    without: ["aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"],
    checks: ["dead-letters.allow"],
  },
  {
    what: "Three settings that moto accepts and does not return",
    instead:
      "EventBridge on a bucket; the key of a function's environment; a function's log group, which therefore gets Lambda's default name.",
    checks: ["thumbnails.notification", "function.encryption"],
    attributes: [
      "aws_s3_bucket_notification.ThumbnailsEvents.eventbridge",
      "aws_lambda_function.SubscriberFunction.kms_key_arn",
      "aws_lambda_function.SubscriberFunction.logging_config",
    ],
  },
  {
    what: "Where failed messages go",
    instead: "moto returns it with other spaces, and drops a queue's policy when it is set again.",
    attributes: ["aws_sqs_queue.JobsQueue.redrive_policy"],
  },
  {
    what: "Lambda, and its event source mapping",
    instead:
      "moto runs no code without Docker: a poller in this process calls the handler, in batches of 10.",
  },
  {
    what: "The first event through EventBridge",
    instead:
      "The queue counts it, but no poller receives it. With a queue and a rule made by hand, all events are received. Why is not known; backfill finds that image.",
  },
  {
    what: "Bucket policies, while images are uploaded",
    instead:
      "moto ignores the conditions of a Deny: the policies are applied and verified, removed, and put back for the sabotage.",
  },
  {
    what: "The queue's visibility timeout, while images are uploaded",
    instead:
      "Two seconds: five attempts would take half an hour, and moto gives messages to pollers that have disconnected.",
  },
  {
    what: "Why a dead letter failed",
    instead:
      "The handler writes no log to CloudWatch here: `failures` can only show what is in the messages.",
  },
  {
    what: "Objects with a plus in their name, when the stage is removed",
    instead: "moto does not find them in a list of keys to delete: each is deleted separately before.",
  },
  {
    what: "Deletes",
    instead:
      "moto sends no event for a delete in a versioned bucket, and cannot remove a bucket with a delete marker: there is no canary, and nothing is deleted.",
  },
];

export const leftOut = differences.flatMap(({ without = [] }) => without);
export const cannotHold = differences.flatMap(({ checks = [] }) => checks);
export const forgotten = differences.flatMap(({ attributes = [] }) => attributes);
