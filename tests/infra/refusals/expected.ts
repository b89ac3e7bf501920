/** What each attempt of `additions/refused.ts` is refused for. */
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
];
