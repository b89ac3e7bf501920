import { thumbnails, uploads } from "../../../infra/buckets.ts";
import { deadLetters, queue } from "../../../infra/queue.ts";
import { topic } from "../../../infra/topic.ts";

// What would undo what stands, each in its own turn: one that is refused does not keep the next from being tried.
const attempts: (() => void)[] = [
  () => uploads.notify({ notifications: [{ name: "Second", queue: deadLetters }] }),
  () =>
    new aws.s3.BucketServerSideEncryptionConfigurationV2("SecondEncryption", {
      bucket: uploads.name,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    }),
  () =>
    new aws.s3.BucketOwnershipControls("SecondOwnership", {
      bucket: uploads.name,
      rule: { objectOwnership: "ObjectWriter" },
    }),
  () =>
    new aws.s3.BucketLifecycleConfigurationV2("SecondLifecycle", {
      bucket: thumbnails.name,
      rules: [{ id: "all", status: "Enabled", expiration: { days: 1 } }],
    }),
  () => new aws.s3.BucketPublicAccessBlock("SecondBlock", { bucket: uploads.name }),
  () =>
    new aws.s3.BucketVersioningV2("SecondVersioning", {
      bucket: uploads.name,
      versioningConfiguration: { status: "Suspended" },
    }),
  () => new aws.sqs.QueuePolicy("SecondQueuePolicy", { queueUrl: queue.url, policy: "{}" }),
  () => new aws.sns.TopicPolicy("SecondTopicPolicy", { arn: topic.arn, policy: "{}" }),
];

for (const attempt of attempts) Promise.resolve().then(attempt);
