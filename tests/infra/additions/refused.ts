import { thumbnails, uploads } from "../../../infra/buckets.ts";
import { deadLetters, queue } from "../../../infra/queue.ts";
import { topic } from "../../../infra/topic.ts";

// Attempts that would silently undo a lock, or lose messages. Each is made by itself, even if others throw.
const attempts: (() => void)[] = [
  () => (uploads as sst.aws.Bucket).notify({ notifications: [{ name: "Second", queue: deadLetters }] }),
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
  () => new sst.aws.Bucket("PublicBucket", { access: "public" }),
  () =>
    new aws.sqs.QueuePolicy("OpenQueueOwn", {
      queueUrl: new aws.sqs.Queue("OpenQueue").url,
      policy: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: "*", Action: "sqs:SendMessage" }],
      },
    }),
  () =>
    new aws.sns.TopicPolicy("UnboundTopicOwn", {
      arn: new aws.sns.Topic("UnboundTopic").arn,
      policy: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "ses.amazonaws.com" }, Action: "sns:Publish" }],
      },
    }),
  () =>
    new aws.cloudwatch.EventTarget("EventsToTopic", {
      rule: "a-rule",
      arn: new sst.aws.SnsTopic("TopicOfEvents").arn,
    }),
  () =>
    new aws.sesv2.ConfigurationSetEventDestination("MailToTopic", {
      configurationSetName: "mail",
      eventDestinationName: "topic",
      eventDestination: { matchingEventTypes: ["BOUNCE"], snsDestination: { topicArn: topic.arn } },
    }),
  () => new aws.sqs.Queue("QueueWithPolicy", { policy: "{}" }),
  () => new aws.sns.Topic("TopicWithPolicy", { policy: "{}" }),
  () => new aws.s3.BucketV2("BucketWithPolicy", { policy: "{}" }),
  () => new aws.s3.Bucket("OldBucketWithPolicy", { policy: "{}" }),
];

for (const attempt of attempts) Promise.resolve().then(attempt);
