import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeKeyCommand, GetKeyPolicyCommand, GetKeyRotationStatusCommand } from "@aws-sdk/client-kms";
import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand } from "@aws-sdk/client-sns";
import { alarmThresholds } from "@thumbsmith/shared";
import { logGroupOf } from "../deployment/service.ts";
import { counted } from "../terminal/print.ts";
import { type Check, compare } from "./checks.ts";
import type { Live } from "./live.ts";
import { lines, linesOf, type Rule, tlsOnly } from "./policy.ts";

export async function watchChecks(live: Live): Promise<Check<Live>[]> {
  const service = (await live.function()).Environment?.Variables?.POWERTOOLS_SERVICE_NAME ?? "";
  return [
    ...logChecks(live),
    ...alarmChecks(live, service),
    ...topicChecks(live, service),
    ...keyChecks("key", live.deployed.keyArn, keyPolicy(live)),
    ...(live.deployed.alarmKeyArn
      ? keyChecks("alarm-key", live.deployed.alarmKeyArn, alarmKeyPolicy(live.account))
      : []),
  ];
}

function logChecks({ deployed }: Live): Check<Live>[] {
  const read = async ({ logs, function: configuration }: Live) => {
    const name = logGroupOf(await configuration());
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
    return logGroups.find(({ logGroupName }) => logGroupName === name);
  };
  return [
    {
      id: "logs.retention",
      expected: "some days",
      accepts: (found) => /^\d+ days$/.test(found),
      read: async (live) => `${(await read(live))?.retentionInDays ?? "no"} days`,
    },
    {
      id: "logs.encryption",
      expected: deployed.keyArn,
      read: async (live) => (await read(live))?.kmsKeyId ?? "none",
    },
  ];
}

function alarmChecks({ deployed, config }: Live, service: string): Check<Live>[] {
  const thresholds = Object.entries(alarmThresholds(config.limits));
  const made = thresholds.filter(([name]) => name !== "canary" || deployed.canaryFunctionName);
  return made.map(([name, threshold]) => ({
    id: `alarm.${name}`,
    expected: `enabled above ${threshold}, notifies ${deployed.alarmTopicArn.split(":").at(-1)}`,
    async read({ cloudwatch }) {
      const command = new DescribeAlarmsCommand({ AlarmNames: [`${service}-${name}`] });
      const { MetricAlarms: [alarm] = [] } = await cloudwatch.send(command);
      if (!alarm) return "none";
      const above = alarm.ComparisonOperator === "GreaterThanThreshold" ? "above" : alarm.ComparisonOperator;
      const notified = (alarm.AlarmActions ?? []).map((arn) => arn.split(":").at(-1));
      return `${alarm.ActionsEnabled ? "enabled" : "disabled"} ${above} ${alarm.Threshold}, notifies ${notified.join(", ") || "no topic"}`;
    },
  }));
}

function topicChecks({ deployed, region, account }: Live, service: string): Check<Live>[] {
  const TopicArn = deployed.alarmTopicArn;
  const alarms = `arn:aws:cloudwatch:${region}:${account}:alarm:${service}-*`;
  const policy = topicPolicy(TopicArn, account, alarms).flatMap(lines);
  const attributes = async ({ sns }: Live) =>
    (await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes ?? {};
  return [
    {
      id: "topic.encryption",
      expected: deployed.alarmKeyArn ?? deployed.keyArn,
      read: async (live) => (await attributes(live)).KmsMasterKeyId || "none",
    },
    {
      id: "topic.policy",
      expected: counted(policy.length, "statement"),
      // A budget may publish too, if there is one.
      read: async (live) =>
        compare(
          policy,
          linesOf((await attributes(live)).Policy ?? "{}").filter(
            (line) => !line.startsWith("allow budgets.amazonaws.com "),
          ),
          "statement",
        ),
    },
    {
      id: "topic.subscribers",
      expected: "at least one, confirmed",
      accepts: (found) => /^[1-9]/.test(found),
      async read({ sns }) {
        const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
        const confirmed = Subscriptions.filter(({ SubscriptionArn = "" }) =>
          SubscriptionArn.startsWith("arn:"),
        );
        return `${confirmed.length} confirmed, ${Subscriptions.length - confirmed.length} not yet`;
      },
    },
  ];
}

/** Only our alarms may publish. */
function topicPolicy(topic: string, account: string, alarms: string): Rule[] {
  const when = { "StringEquals aws:SourceAccount": account, "ArnLike aws:SourceArn": alarms };
  const to = "cloudwatch.amazonaws.com";
  return [
    { effect: "allow", to, actions: ["sns:Publish"], on: [topic], when },
    tlsOnly("sns:Publish", [topic]),
  ];
}

function keyChecks(name: string, KeyId: string, rules: Rule[]): Check<Live>[] {
  const policy = rules.flatMap(lines);
  return [
    {
      id: `${name}.state`,
      expected: "Enabled, CUSTOMER",
      async read({ kms }) {
        const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
        return `${KeyMetadata?.KeyState}, ${KeyMetadata?.KeyManager}`;
      },
    },
    {
      id: `${name}.rotation`,
      expected: "on",
      read: async ({ kms }) =>
        (await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).KeyRotationEnabled ? "on" : "off",
    },
    {
      id: `${name}.policy`,
      expected: counted(policy.length, "statement"),
      async read({ kms }) {
        const { Policy = "{}" } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" }));
        return compare(
          policy,
          linesOf(Policy).filter((line) => !line.startsWith("allow budgets.amazonaws.com ")),
          "statement",
        );
      },
    },
  ];
}

const onBehalfOf = (account: string) => ({ "StringEquals aws:SourceAccount": account });

const mayUse = (to: string, actions: string[], when?: Rule["when"]): Rule => ({
  ...{ effect: "allow", to, actions: actions.map((action) => `kms:${action}`), on: ["*"], when },
});

/** The services that may use the topic's key. A budget may too, if there is one. */
function alarmKeyPolicy(account: string): Rule[] {
  return [
    mayUse(`arn:aws:iam::${account}:root`, ["*"]),
    mayUse("cloudwatch.amazonaws.com", ["GenerateDataKey*", "Decrypt"], onBehalfOf(account)),
  ];
}

/** Who may use the key: the account, and the services that encrypt with it. */
function keyPolicy({ account, region }: Live): Rule[] {
  const here = onBehalfOf(account);
  const log = `arn:aws:logs:${region}:${account}:log-group:*`;
  const topics = `arn:aws:sns:${region}:${account}:*`;
  const distributions = `arn:aws:cloudfront::${account}:distribution/*`;
  return [
    mayUse(`arn:aws:iam::${account}:root`, ["*"]),
    mayUse("s3.amazonaws.com", ["GenerateDataKey", "Decrypt"], here),
    mayUse("cloudwatch.amazonaws.com", ["GenerateDataKey*", "Decrypt"], here),
    mayUse("events.amazonaws.com", ["GenerateDataKey", "Decrypt"], here),
    mayUse("sns.amazonaws.com", ["GenerateDataKey", "Decrypt"], { "ArnLike aws:SourceArn": topics }),
    mayUse("cloudfront.amazonaws.com", ["Decrypt"], { "ArnLike aws:SourceArn": distributions }),
    mayUse(
      `logs.${region}.amazonaws.com`,
      ["Encrypt", "Decrypt", "ReEncrypt*", "GenerateDataKey*", "DescribeKey"],
      { "ArnLike kms:EncryptionContext:aws:logs:arn": log },
    ),
  ];
}
