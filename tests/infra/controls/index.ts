import { ofBuckets } from "./buckets.ts";
import { ofCanary } from "./canary.ts";
import { ofDistribution } from "./distribution.ts";
import { ofFunctions } from "./functions.ts";
import { ofKey } from "./key.ts";
import { ofLogsAndAlarms } from "./logs-and-alarms.ts";
import { ofQueuesAndTopics } from "./queues-and-topics.ts";
import { ofRoles } from "./roles.ts";

export const controls = [
  ...ofBuckets,
  ...ofKey,
  ...ofQueuesAndTopics,
  ...ofFunctions,
  ...ofRoles,
  ...ofLogsAndAlarms,
  ...ofCanary,
  ...ofDistribution,
];

/** The controls that hold for every resource that is added. The others depend on what the application does. */
export const inherited = [
  ...["S3.1", "S3.5", "SQS4", "SNS3", "S3.17", "SQS.1", "SNS.1", "CKV_AWS_158", "CKV_AWS_173"],
  ...["S3.12", "TS.1", "TS.2", "Lambda.2", "Lambda.7", "IAM4", "TS.5", "TS.10", "Kinesis.1", "CloudWatch.16"],
].flatMap((id) => controls.filter(({ ids }) => ids.includes(id)));
