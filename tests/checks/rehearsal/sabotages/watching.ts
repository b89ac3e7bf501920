import { DeleteAlarmsCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { DisableKeyCommand, DisableKeyRotationCommand, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import {
  ListSubscriptionsByTopicCommand,
  SetTopicAttributesCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { logGroupOf } from "../../../../packages/cli/src/deployment/service.ts";
import { anything, type Broken, type Sabotage } from "./sabotage.ts";

const nameOfLogs = async (live: Broken) => ({
  logGroupName: logGroupOf(await live.function()),
});
const logs: Sabotage[] = [
  {
    check: "logs.retention",
    how: "they are kept forever",
    breakIt: async (live) => live.logs.send(new DeleteRetentionPolicyCommand(await nameOfLogs(live))),
  },
  {
    check: "logs.encryption",
    how: "they are not encrypted",
    async breakIt(live) {
      await live.logs.send(new DeleteLogGroupCommand(await nameOfLogs(live)));
      await live.logs.send(new CreateLogGroupCommand(await nameOfLogs(live)));
    },
  },
];

const serviceOf = async (live: Broken) =>
  (await live.function()).Environment?.Variables?.POWERTOOLS_SERVICE_NAME;
const alarm = (
  name: string,
  how: string,
  breakIt: (live: Broken, AlarmName: string) => Promise<unknown>,
): Sabotage => ({
  check: `alarm.${name}`,
  how,
  breakIt: async (live) => breakIt(live, `${await serviceOf(live)}-${name}`),
});
const changed = (AlarmName: string, actions: string[], Threshold: number, ActionsEnabled = true) =>
  new PutMetricAlarmCommand({
    ActionsEnabled,
    ...{
      AlarmName,
      Threshold,
      AlarmActions: actions,
      ComparisonOperator: "GreaterThanThreshold",
      EvaluationPeriods: 1,
    },
    ...{ Namespace: "AWS/Lambda", MetricName: "Throttles", Period: 60, Statistic: "Sum" as const },
  });
const alarms: Sabotage[] = [
  alarm("errors", "its actions are disabled", ({ cloudwatch, deployed }, name) =>
    cloudwatch.send(changed(name, [deployed.alarmTopicArn], 0, false)),
  ),
  alarm("throttles", "it notifies no one", ({ cloudwatch }, name) => cloudwatch.send(changed(name, [], 0))),
  alarm("duration", "its threshold is a million", ({ cloudwatch, deployed }, name) =>
    cloudwatch.send(changed(name, [deployed.alarmTopicArn], 1e6)),
  ),
  ...["backlog", "dead-letters", "rejections"].map((each) =>
    alarm(each, "it is deleted", ({ cloudwatch }, name) =>
      cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [name] })),
    ),
  ),
];

const topicAttribute = (
  check: string,
  how: string,
  AttributeName: string,
  AttributeValue: string,
): Sabotage => ({
  check,
  how,
  breakIt: ({ sns, deployed: { alarmTopicArn: TopicArn } }) =>
    sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue })),
});
const topic: Sabotage[] = [
  topicAttribute("topic.encryption", "it is not encrypted", "KmsMasterKeyId", ""),
  topicAttribute("topic.policy", "everyone may publish", "Policy", anything),
  {
    check: "topic.subscribers",
    how: "it has no subscribers",
    async breakIt({ sns, deployed: { alarmTopicArn: TopicArn } }) {
      const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
      for (const { SubscriptionArn } of Subscriptions)
        await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    },
  },
];

const keys = (["key", "alarm-key"] as const).flatMap((name): Sabotage[] => {
  const arnOf = ({ deployed: { keyArn, alarmKeyArn = keyArn } }: Broken) =>
    name === "key" ? keyArn : alarmKeyArn;
  return [
    {
      check: `${name}.rotation`,
      how: "it is not rotated",
      breakIt: (live) => live.kms.send(new DisableKeyRotationCommand({ KeyId: arnOf(live) })),
    },
    {
      check: `${name}.state`,
      how: "it is disabled",
      // Here, moto accepts only the ids of keys.
      breakIt: (live) => live.kms.send(new DisableKeyCommand({ KeyId: arnOf(live).split("/").at(-1) })),
    },
    {
      check: `${name}.policy`,
      how: "everyone may use it",
      breakIt: (live) =>
        live.kms.send(
          new PutKeyPolicyCommand({ KeyId: arnOf(live), PolicyName: "default", Policy: anything }),
        ),
    },
  ];
});

export const watching: Sabotage[] = [...logs, ...alarms, ...topic, ...keys];
