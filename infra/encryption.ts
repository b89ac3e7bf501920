import { readStage } from "./stage.ts";

const stage = readStage($app.stage);

export const account = aws.getCallerIdentityOutput().accountId;

export const sourceAccount = { StringEquals: { "aws:SourceAccount": account } };

/** A service that uses the key in its own name, not on behalf of a caller whose permissions count. */
export interface Service {
  why: string;
  service: string;
  actions: string[];
  condition: aws.iam.Conditions;
  /** Unless it is left out of this stage. */
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
    // For the rules that act on a manifest's arrival. Without it they would fail in silence.
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
    // Distributions are made later than the key. A bucket's policy names them, and says what they may read.
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
    // Logs sends no aws:SourceAccount; it names the log group in the encryption context.
    condition: {
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": $interpolate`arn:aws:logs:${stage.region}:${account}:log-group:*`,
      },
    },
  },
];

/** The one key: buckets, queues, topics, log groups and the function's environment are encrypted with it. */
export const key = new aws.kms.Key(
  "Key",
  {
    description: `Data of ${stage.prefix}`,
    enableKeyRotation: true,
    deletionWindowInDays: stage.retained ? 30 : 7,
    policy: keyPolicy(services),
  },
  // Without it, what the retained buckets hold could never be read again.
  { retainOnDelete: stage.retained },
);

/** The account's own policies decide who may use a key, in addition to the services that use it by themselves. */
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
