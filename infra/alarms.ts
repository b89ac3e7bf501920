import { alarmThresholds } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";
import { canary } from "./canary.ts";
import { prefix } from "./names.ts";
import { deadLetters, queue } from "./queue.ts";
import { subscriber } from "./subscriber.ts";
import { topic } from "./topic.ts";

type Alarm = Omit<
  aws.cloudwatch.MetricAlarmArgs,
  "evaluationPeriods" | "comparisonOperator" | "alarmDescription"
> & {
  threshold: number;
  /** The description that the person on call reads: what happened, what users see, and the first command to run. */
  happened: string;
  users: string;
  command: string;
};

const onStage = (command: string) => `pnpm thumbsmith ${command} --stage ${$app.stage}`;

const thresholds = alarmThresholds(config.limits);

const ofFunction = { namespace: "AWS/Lambda", dimensions: { FunctionName: subscriber.name } };
const ofQueue = { namespace: "AWS/SQS", dimensions: { QueueName: queue.nodes.queue.name } };
const ofDeadLetters = { namespace: "AWS/SQS", dimensions: { QueueName: deadLetters.nodes.queue.name } };

/** An alarm goes off if the value of one minute is above its threshold; of 15 minutes for `rejections`, 30 for `canary`. */
const alarms: Record<keyof typeof thresholds, Alarm> = {
  errors: {
    ...ofFunction,
    happened: "The function failed: crash, timeout or out of memory.",
    users: "Some thumbnails are late; their uploads are retried.",
    command: onStage("status"),
    metricName: "Errors",
    statistic: "Sum",
    threshold: thresholds.errors,
  },
  throttles: {
    ...ofFunction,
    happened: "The account has no Lambda concurrency left to run the function.",
    users: "Thumbnails are late. No upload is lost.",
    command: onStage("preflight"),
    metricName: "Throttles",
    statistic: "Sum",
    threshold: thresholds.throttles,
  },
  duration: {
    ...ofFunction,
    happened: "The slowest invocations take more than 80 % of limits.timeout.",
    users: "Nothing yet. If they get slower, thumbnails are late.",
    command: onStage("status"),
    metricName: "Duration",
    extendedStatistic: "p99",
    threshold: thresholds.duration,
  },
  backlog: {
    ...ofQueue,
    happened: "The oldest upload has been waiting for more than 15 minutes.",
    users: "New uploads have no thumbnails yet.",
    command: onStage("status"),
    metricName: "ApproximateAgeOfOldestMessage",
    statistic: "Maximum",
    threshold: thresholds.backlog,
  },
  "dead-letters": {
    ...ofDeadLetters,
    happened: "Some jobs failed five times. They wait in the dead letters, for two weeks.",
    users: "Those uploads have no thumbnails, or outdated ones.",
    command: onStage("failures"),
    metricName: "ApproximateNumberOfMessagesVisible",
    statistic: "Maximum",
    threshold: thresholds["dead-letters"],
  },
  rejections: {
    happened: "More than 10 % of the images of the last 15 minutes were rejected.",
    users: "Those uploads get no thumbnails.",
    command: onStage("status"),
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
    happened: "The test picture, uploaded every 15 minutes, got no thumbnail or was not sent.",
    users: "Probably no upload gets thumbnails.",
    command: onStage("verify"),
    namespace: "Thumbsmith",
    metricName: "CanaryFailed",
    dimensions: { service: prefix },
    statistic: "Maximum",
    // Long enough to contain a run, which starts every 15 minutes, exact to the minute.
    period: 30 * 60,
    treatMissingData: "breaching",
    threshold: thresholds.canary,
  },
};

export const alarmArns = Object.entries(alarms)
  .filter(([name]) => name !== "canary" || canary)
  .map(
    ([name, { happened, users, command, ...alarm }]) =>
      new aws.cloudwatch.MetricAlarm(`Alarm-${name}`, {
        name: $interpolate`${prefix}-${name}`,
        alarmDescription: `${happened} Users see: ${users} First run: ${command}. Then: docs/operations.md#alarm-${name}`,
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
