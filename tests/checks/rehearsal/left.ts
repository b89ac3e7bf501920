import { CloudWatchClient, DescribeAlarmsCommand, ListDashboardsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { KMSClient, ListAliasesCommand } from "@aws-sdk/client-kms";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createClient } from "@thumbsmith/functions";

/** Resources whose names begin with a stage's prefix, of every kind that keeps data or costs money. */
export async function leftOf(prefix: string): Promise<string[]> {
  const cloudWatch = new CloudWatchClient();
  const { Buckets = [] } = await createClient().send(new ListBucketsCommand());
  const { QueueUrls = [] } = await new SQSClient().send(new ListQueuesCommand());
  const { Topics = [] } = await new SNSClient().send(new ListTopicsCommand());
  const { Functions = [] } = await new LambdaClient().send(new ListFunctionsCommand());
  const { Roles = [] } = await new IAMClient().send(new ListRolesCommand());
  const { logGroups = [] } = await new CloudWatchLogsClient().send(new DescribeLogGroupsCommand());
  const { Aliases = [] } = await new KMSClient().send(new ListAliasesCommand());
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand());
  const { DashboardEntries = [] } = await cloudWatch.send(new ListDashboardsCommand());
  return [
    ...Buckets.map(({ Name }) => `bucket ${Name}`),
    ...QueueUrls.map((url) => `queue ${url}`),
    ...Topics.map(({ TopicArn }) => `topic ${TopicArn}`),
    ...Functions.map(({ FunctionName }) => `function ${FunctionName}`),
    ...Roles.map(({ RoleName }) => `role ${RoleName}`),
    ...logGroups.map(({ logGroupName }) => `log group ${logGroupName}`),
    ...Aliases.map(({ AliasName }) => `key ${AliasName}`),
    ...MetricAlarms.map(({ AlarmName }) => `alarm ${AlarmName}`),
    ...DashboardEntries.map(({ DashboardName }) => `dashboard ${DashboardName}`),
  ].filter((name) => name.includes(prefix));
}
