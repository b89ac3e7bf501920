import { readStage } from "./stage.ts";

const stage = readStage($app.stage);

export const account = aws.getCallerIdentityOutput().accountId;

const sourceAccount = { StringEquals: { "aws:SourceAccount": account } };

/** The services that use the key by themselves, not on behalf of a caller whose own permissions count. */
const services: { why: string; service: string; actions: string[]; condition: aws.iam.Conditions }[] = [
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
    why: "BudgetsPublishToEncryptedTopics",
    service: "budgets.amazonaws.com",
    actions: ["kms:GenerateDataKey*", "kms:Decrypt"],
    condition: sourceAccount,
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
    policy: $jsonStringify({
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
          .filter(({ service }) => service !== "budgets.amazonaws.com" || stage.monthlyBudget)
          .map(({ why, service, actions, condition }) => ({
            Sid: why,
            Effect: "Allow",
            Principal: { Service: service },
            Action: actions,
            Resource: "*",
            Condition: condition,
          })),
      ],
    }),
  },
  // Without it, what the retained buckets hold could never be read again.
  { retainOnDelete: stage.retained },
);

new aws.kms.Alias("KeyAlias", { name: `alias/${stage.prefix}`, targetKeyId: key.keyId });
