import { readStage } from "./stage.ts";

const stage = readStage($app.stage);

export const account = aws.getCallerIdentityOutput().accountId;

export const sourceAccount = { StringEquals: { "aws:SourceAccount": account } };

/** A service that uses the key for itself, not on behalf of a caller with permissions of its own. */
export interface Service {
  why: string;
  service: string;
  actions: string[];
  condition: aws.iam.Conditions;
  /** Whether this stage uses the service. By default, it does. */
  wanted?: boolean;
}

const services: Service[] = [
  {
    why: "S3SendsToEncryptedQueues",
    service: "s3.amazonaws.com",
    actions: ["kms:GenerateDataKey", "kms:Decrypt"],
    condition: sourceAccount,
  },
  {
    why: "AlarmsPublishToEncryptedTopics",
    service: "cloudwatch.amazonaws.com",
    actions: ["kms:GenerateDataKey*", "kms:Decrypt"],
    condition: sourceAccount,
  },
  {
    // For rules that act on new manifests: without this, they would fail silently.
    why: "RulesSendToEncryptedQueues",
    service: "events.amazonaws.com",
    actions: ["kms:GenerateDataKey", "kms:Decrypt"],
    condition: sourceAccount,
  },
  {
    why: "SubscriptionsSendToEncryptedQueues",
    service: "sns.amazonaws.com",
    actions: ["kms:GenerateDataKey", "kms:Decrypt"],
    condition: { ArnLike: { "aws:SourceArn": $interpolate`arn:aws:sns:${stage.region}:${account}:*` } },
  },
  {
    // Not limited to a distribution, because it is made later than the key. The bucket's policy limits what it can read.
    why: "CloudFrontReadsEncryptedBuckets",
    service: "cloudfront.amazonaws.com",
    actions: ["kms:Decrypt"],
    condition: {
      ArnLike: { "aws:SourceArn": $interpolate`arn:aws:cloudfront::${account}:distribution/*` },
    },
  },
  {
    why: "LogGroupsAreEncrypted",
    service: `logs.${stage.region}.amazonaws.com`,
    actions: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
    // CloudWatch Logs does not send aws:SourceAccount. The encryption context has the log group.
    condition: {
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": $interpolate`arn:aws:logs:${stage.region}:${account}:log-group:*`,
      },
    },
  },
];

/** The key that encrypts buckets, queues, topics, log groups and the function's environment. */
export const key = new aws.kms.Key(
  "Key",
  {
    description: `Data of ${stage.prefix}`,
    enableKeyRotation: true,
    deletionWindowInDays: stage.retained ? 30 : 7,
    policy: keyPolicy(services),
  },
  // Without the key, the objects in retained buckets could never be read again.
  { retainOnDelete: stage.retained },
);

/** Lets the account's IAM policies decide who may use a key, and adds the services that use it for themselves. */
export function keyPolicy(services: Service[]) {
  return $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "IamPoliciesOfThisAccountDecide",
        Effect: "Allow",
        Principal: { AWS: $interpolate`arn:aws:iam::${account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      ...services
        .filter(({ wanted = true }) => wanted)
        .map(({ why, service, actions, condition }) => ({
          Sid: why,
          Effect: "Allow",
          Principal: { Service: service },
          Action: actions,
          Resource: "*",
          Condition: condition,
        })),
    ],
  });
}
