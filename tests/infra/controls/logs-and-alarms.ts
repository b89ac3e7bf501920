import type { Graph, Resource } from "@thumbsmith/synth";
import { list } from "../evaluate.ts";
import { type Control, each, underKey } from "./control.ts";

export const ofLogsAndAlarms: Control[] = [
  {
    ids: ["CKV_AWS_158"],
    title: "every log group is encrypted with our key",
    where: "infra/transforms/defaults.ts",
    find: (graph) => each(graph, "cloudwatch.LogGroup", ({ inputs }) => underKey(inputs.kmsKeyId)),
  },
  {
    ids: ["CloudWatch.16", "CKV_AWS_66", "CKV_AWS_338"],
    title: "every log group is kept for a year, unless LOG_RETENTION_DAYS says otherwise",
    where: "infra/transforms/defaults.ts",
    find: (graph) =>
      each(graph, "cloudwatch.LogGroup", ({ inputs: { retentionInDays: days } }) =>
        days === 365 ? [] : [`is kept for ${days} days`],
      ),
  },
  {
    ids: ["CloudWatch.15", "CloudWatch.17"],
    title: "every alarm is enabled, and notifies the topic of alarms and recoveries",
    where: "infra/alarms.ts",
    find: (graph) => {
      const { arn } = graph.one("sns.Topic", "AlarmsTopic").outputs;
      return each(graph, "cloudwatch.MetricAlarm", ({ inputs }) =>
        [inputs.alarmActions, inputs.okActions].every((to) => list(to).includes(arn)) &&
        inputs.actionsEnabled !== false
          ? []
          : ["notifies no one"],
      );
    },
  },
  {
    ids: ["TS.6"],
    title:
      "errors, throttles, slowness, a backlog, dead letters, rejections and a silent canary raise an alarm",
    where: "infra/alarms.ts",
    find: (graph) => {
      const found = graph.all("cloudwatch.MetricAlarm").map(describeAlarm);
      return expectedAlarms(graph)
        .filter((alarm) => !found.includes(alarm))
        .map((alarm) => ({ resource: "alarms", problem: `misses ${alarm}` }));
    },
  },
];

function describeAlarm({ inputs }: Resource): string {
  const { metricName, statistic, extendedStatistic, threshold, period, dimensions, metricQueries } = inputs;
  const missing = inputs.treatMissingData === "breaching" ? ", or none" : "";
  if (metricQueries) {
    const answer = metricQueries.find(({ returnData }: { returnData?: boolean }) => returnData);
    return `${answer.expression} > ${threshold}`;
  }
  return `${Object.values(dimensions)} ${metricName} ${statistic ?? extendedStatistic} in ${period} s > ${threshold}${missing}`;
}

function expectedAlarms(graph: Graph): string[] {
  const fn = graph.one("lambda.Function", "SubscriberFunction").outputs.name;
  const jobs = graph.one("sqs.Queue", "JobsQueue").outputs.name;
  const deadLetters = graph.one("sqs.Queue", "DeadLettersQueue").outputs.name;
  return [
    `${fn} Errors Sum in 60 s > 0`,
    `${fn} Throttles Sum in 60 s > 0`,
    `${fn} Duration p99 in 60 s > 48000`,
    `${jobs} ApproximateAgeOfOldestMessage Maximum in 60 s > 900`,
    `${deadLetters} ApproximateNumberOfMessagesVisible Maximum in 60 s > 0`,
    "IF(total >= 20, 100 * rejected / total, 0) > 10",
    ...(graph.data.app.stage === "production"
      ? ["thumbsmith-production CanaryFailed Maximum in 1800 s > 0, or none"]
      : []),
  ];
}
