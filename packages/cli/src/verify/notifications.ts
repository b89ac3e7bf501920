import { GetBucketNotificationConfigurationCommand, type S3Client } from "@aws-sdk/client-s3";
import { type Config, filterPrefix, NOTIFIED_EVENTS, notificationFilters } from "@thumbsmith/shared";
import { compare } from "./checks.ts";

/** The notifications that the queue needs: a line for each prefix, suffix and kind of event. */
export function expectedNotifications(config: Config): string[] {
  return notificationFilters(config.rules).flatMap(({ prefix, suffix = "" }) =>
    NOTIFIED_EVENTS.map((event) => `${event} of ${filterPrefix(prefix)}*${suffix}`),
  );
}

/** Compares them with the bucket's. Notifications that go elsewhere count as unexpected. */
export async function compareNotifications(
  s3: S3Client,
  Bucket: string,
  queueArn: string,
  expected: string[],
) {
  const answer = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  const { QueueConfigurations = [], LambdaFunctionConfigurations = [], TopicConfigurations = [] } = answer;
  const found = QueueConfigurations.flatMap(({ QueueArn, Events = [], Filter }) => {
    const rules = Filter?.Key?.FilterRules ?? [];
    const ruleOf = (name: string) => rules.find(({ Name }) => Name?.toLowerCase() === name)?.Value ?? "";
    const elsewhere = QueueArn === queueArn ? "" : ` to ${QueueArn}`;
    return Events.map((event) => `${event} of ${ruleOf("prefix")}*${ruleOf("suffix")}${elsewhere}`);
  });
  const others = [
    ...LambdaFunctionConfigurations.map(({ LambdaFunctionArn }) => `events to ${LambdaFunctionArn}`),
    ...TopicConfigurations.map(({ TopicArn }) => `events to ${TopicArn}`),
  ];
  return compare(expected, [...found, ...others], "notification");
}
