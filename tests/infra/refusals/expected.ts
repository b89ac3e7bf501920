/** Why each attempt of `additions/refused.ts` is refused. */
export const expectedRefusals = [
  ...[
    ["BucketNotification", "uploadsbucket", "UploadsEvents and UploadsNotificationsNotification"],
    [
      "BucketServerSideEncryptionConfigurationV2",
      "uploadsbucket",
      "SecondEncryption and UploadsBucketEncryption",
    ],
    ["BucketOwnershipControls", "uploadsbucket", "SecondOwnership and UploadsBucketOwnership"],
    ["BucketLifecycleConfigurationV2", "thumbnailsbucket", "ThumbnailsLifecycle and SecondLifecycle"],
    ["BucketPublicAccessBlock", "uploadsbucket", "UploadsPublicAccessBlock and SecondBlock"],
    ["BucketVersioningV2", "uploadsbucket", "UploadsVersioning and SecondVersioning"],
    ["QueuePolicy", "JobsQueue", "JobsPolicy and SecondQueuePolicy"],
    ["TopicPolicy", "AlarmsTopic", "AlarmsPolicy and SecondTopicPolicy"],
  ].map(([kind, target, names]) => ({
    what: `a second ${kind}`,
    message: new RegExp(
      `^Expected one ${kind} of \\S*thumbsmith-kim-${target}-\\w+, found two: ${names}\\. `,
    ),
  })),
  {
    what: 'a bucket with access: "public"',
    message: /^Expected the bucket PublicBucket to be private, found it public\. /,
  },
  {
    what: "a queue's policy that allows everyone",
    message: /^Expected OpenQueueOwn to name who is allowed, found "\*"/,
  },
  {
    what: "a policy that allows a service on behalf of any account",
    message: /^Expected UnboundTopicOwn to limit ses\.amazonaws\.com to an account, found no limit/,
  },
  {
    what: "EventBridge to a topic",
    message:
      /^Expected the target EventsToTopic to be a queue or a function, found the topic arn:aws:sns:\S+TopicOfEvents/,
  },
  {
    what: "e-mail events to a topic",
    message: /^Expected no destination of e-mail events, found MailToTopic\. /,
  },
  ...["QueueWithPolicy", "TopicWithPolicy", "BucketWithPolicy", "OldBucketWithPolicy"].map((name) => ({
    what: `a policy among the arguments: ${name}`,
    message: new RegExp(`^Expected the policy of ${name} to be a separate resource, `),
  })),
];
