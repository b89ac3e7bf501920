/** What the emulator forces on the rehearsal, that a deployment does not have. */
export interface Difference {
  what: string;
  instead: string;
  /** Types of resources that are left out. */
  without?: string[];
  /** Checks of `verify` that cannot hold then. */
  checks?: string[];
  /** Attributes that read back otherwise than they were set, so that every deployment would set them again. */
  attributes?: string[];
}

export const differences: Difference[] = [
  {
    what: "Pulumi's engine and its AWS plugin",
    instead:
      "`sst` calls a stand-in, which runs SST's own bundle and writes what that registers as Terraform JSON; the provider is the one that Pulumi's plugin wraps.",
  },
  {
    what: "The account, its id and AWS's own checks of permissions",
    instead: "moto, with account 123456789012. It lets everybody do everything.",
  },
  {
    what: "The policies of SST's own buckets",
    instead:
      "moto takes every Deny as unconditional, so they would keep out SST itself: they are taken away.",
  },
  {
    what: "Which queue may use the dead letters",
    instead:
      "moto keeps no RedriveAllowPolicy, and forgets a queue's policy when one is set: it is left out.",
    without: ["aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"],
    checks: ["dead-letters.allow"],
  },
  {
    what: "Three settings that moto takes and does not give back",
    instead:
      "EventBridge on a bucket; the key of a function's environment; a function's log group, which is therefore named as Lambda would by itself.",
    checks: ["thumbnails.notification", "function.encryption"],
    attributes: [
      "aws_s3_bucket_notification.ThumbnailsEvents.eventbridge",
      "aws_lambda_function.SubscriberFunction.kms_key_arn",
      "aws_lambda_function.SubscriberFunction.logging_config",
    ],
  },
  {
    what: "Where failed messages go",
    instead: "moto gives it back with other spaces, and forgets a queue's policy when it is set again.",
    attributes: ["aws_sqs_queue.JobsQueue.redrive_policy"],
  },
  {
    what: "Lambda, and its event source mapping",
    instead:
      "moto runs no code without Docker: a poller in this process calls the handler, in batches of 10.",
  },
  {
    what: "The first event by way of EventBridge",
    instead:
      "The queue counts it, and no poller is given it; from a queue and a rule made by hand all are. Why is not known: backfill finds that picture.",
  },
  {
    what: "Bucket policies, while pictures are sent",
    instead:
      "moto takes every Deny as unconditional: they are applied and verified, taken away, and put back for the sabotage.",
  },
  {
    what: "The queue's visibility time-out, while pictures are sent",
    instead:
      "Two seconds: five attempts would take half an hour, and moto gives messages to pollers that have gone.",
  },
  {
    what: "Why a dead letter failed",
    instead:
      "The handler writes no log to CloudWatch here: `failures` can only name what a message says by itself.",
  },
  {
    what: "Objects with a plus in their name, when the stage is removed",
    instead: "moto does not find them in a list of keys to delete: each is deleted by itself before.",
  },
  {
    what: "Deletes",
    instead:
      "moto sends no event for a delete in a versioned bucket, and cannot remove what has a delete marker: there is no canary, and nothing is deleted.",
  },
];

export const leftOut = differences.flatMap(({ without = [] }) => without);
export const cannotHold = differences.flatMap(({ checks = [] }) => checks);
export const forgotten = differences.flatMap(({ attributes = [] }) => attributes);
