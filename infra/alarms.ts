import { alarmThresholds } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";
import { canary } from "./canary.ts";
import { prefix } from "./names.ts";
import { deadLetters, queue } from "./queue.ts";
import { subscriber } from "./subscriber.ts";
import { topic } from "./topic.ts";

type Alarm = Omit<aws.cloudwatch.MetricAlarmArgs, "evaluationPeriods" | "comparisonOperator"> & {
  threshold: number;
};

const thresholds = alarmThresholds(config.limits);

const ofFunction = { namespace: "AWS/Lambda", dimensions: { FunctionName: subscriber.name } };
const ofQueue = { namespace: "AWS/SQS", dimensions: { QueueName: queue.nodes.queue.name } };
const ofDeadLetters = { namespace: "AWS/SQS", dimensions: { QueueName: deadLetters.nodes.queue.name } };

/** Each rings when a minute's value is above the threshold; that of rejections looks at a quarter of an hour. */
const alarms: Record<keyof typeof thresholds, Alarm> = {
  errors: {
    ...ofFunction,
    alarmDescription: "An invocation failed as a whole: a crash, the time-out, or no memory.",
    metricName: "Errors",
    statistic: "Sum",
    threshold: thresholds.errors,
  },
  throttles: {
    ...ofFunction,
    alarmDescription: "Lambda refused to run the function: the account's concurrency is used up.",
    metricName: "Throttles",
    statistic: "Sum",
    threshold: thresholds.throttles,
  },
  duration: {
    ...ofFunction,
    alarmDescription: "Invocations come near the time-out. Raise limits.timeout or limits.memory.",
    metricName: "Duration",
    extendedStatistic: "p99",
    threshold: thresholds.duration,
  },
  backlog: {
    ...ofQueue,
    alarmDescription: "Uploads wait for over 15 minutes. Raise limits.concurrency.",
    metricName: "ApproximateAgeOfOldestMessage",
    statistic: "Maximum",
    threshold: thresholds.backlog,
  },
  "dead-letters": {
    ...ofDeadLetters,
    alarmDescription:
      "Uploads failed for good. They stay in the dead letters until they are sent through again.",
    metricName: "ApproximateNumberOfMessagesVisible",
    statistic: "Maximum",
    threshold: thresholds["dead-letters"],
  },
  rejections: {
    alarmDescription: "More than a tenth of at least 20 images were rejected within 15 minutes.",
    metricQueries: [
      { id: "made", metric: counted("Made") },
      { id: "rejected", metric: counted("Rejected") },
      { id: "total", expression: "SUM([made, rejected])" },
      {
        id: "percent",
        expression: "IF(total >= 20, 100 * rejected / total, 0)",
        label: "Rejected images, %",
        returnData: true,
      },
    ],
    threshold: thresholds.rejections,
  },
  canary: {
    alarmDescription: "A picture that is uploaded every 15 minutes got no thumbnail, or was not even sent.",
    namespace: "Thumbsmith",
    metricName: "CanaryFailed",
    dimensions: { service: prefix },
    statistic: "Maximum",
    // Wide enough for one at least: the schedule is exact to the minute.
    period: 30 * 60,
    treatMissingData: "breaching",
    threshold: thresholds.canary,
  },
};

export const alarmArns = Object.entries(alarms)
  .filter(([name]) => name !== "canary" || canary)
  .map(
    ([name, alarm]) =>
      new aws.cloudwatch.MetricAlarm(`Alarm-${name}`, {
        name: $interpolate`${prefix}-${name}`,
        comparisonOperator: "GreaterThanThreshold",
        evaluationPeriods: 1,
        period: alarm.metricQueries ? undefined : 60,
        treatMissingData: "notBreaching",
        alarmActions: [topic.arn],
        okActions: [topic.arn],
        ...alarm,
      }).arn,
  );

function counted(metricName: string) {
  const dimensions = { service: prefix };
  return { namespace: "Thumbsmith", metricName, dimensions, stat: "Sum", period: 15 * 60 };
}
