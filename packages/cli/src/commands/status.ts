import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import { depth } from "../deployment/dead-letters.ts";
import { serviceOf } from "../deployment/service.ts";
import { commandLine, type Target } from "../deployment/target.ts";
import { sampleNames } from "../deployment/unaccepted.ts";
import type { Operation } from "../operation.ts";
import { withActions } from "../terminal/advice.ts";
import { columns, count, counted } from "../terminal/print.ts";

const HOUR = 60 * 60;

export const status: Operation = {
  name: "status",
  description: "Show the current state: queue, dead letters, the last hour, alarms.",
  examples: ["pnpm thumbsmith status --stage production", "pnpm thumbsmith status --local"],

  async run({ connect }) {
    const target = await connect();
    const [queue, dead, names, watched] = await Promise.all([
      depth(target, target.queueUrl),
      depth(target, target.deadLetterQueueUrl),
      sampleNames(target),
      target.deployed ? watch(target, target.deployed) : undefined,
    ]);
    const deadLetters = dead.waiting + dead.inHand;
    const data = { ...queue, deadLetters, names, ...watched };
    const rows: [string, string | number][] = [
      ["waiting", queue.waiting],
      ["in flight", queue.inHand],
      ["dead letters", deadLetters],
      ...(watched ? rowsOf(watched) : []),
    ];
    return {
      found: deadLetters > 0 || (watched?.alarms.length ?? 0) > 0,
      data,
      text: [
        columns(
          [target.label, ""],
          rows.map(([name, value]) => [name, String(value)]),
        ),
        watched ? "" : "The local pipeline has no metrics and no alarms.",
        names.unaccepted > 0
          ? `Of the first ${counted(names.listed, "upload")}, ${count(names.unaccepted)} ${names.unaccepted === 1 ? "has" : "have"} a name or path that no rule reads. To count them all: ${commandLine(target, "backfill")} --dry-run`
          : "",
        deadLetters > 0 ? `Why there are dead letters: ${commandLine(target, "failures")}` : "",
      ]
        .filter(Boolean)
        .join("\n"),
    };
  },
};

interface Watched {
  secondsOldest?: number;
  made: number;
  rejected: number;
  failed: number;
  /** The names of those in the ALARM state. */
  alarms: string[];
  logGroup: string;
  dashboardUrl?: string;
}

async function watch(target: Target, deployed: NonNullable<Target["deployed"]>): Promise<Watched> {
  const cloudwatch = withActions(new CloudWatchClient(target.access));
  try {
    const { name: service, logGroup } = await serviceOf(target, deployed);
    const metrics = await lastHour(cloudwatch, service, target.queueUrl.split("/").at(-1) ?? "");
    const { MetricAlarms = [] } = await cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: `${service}-`, StateValue: "ALARM" }),
    );
    const alarms = MetricAlarms.flatMap(({ AlarmName }) => AlarmName ?? []);
    return { ...metrics, alarms, logGroup, dashboardUrl: deployed.dashboardUrl };
  } finally {
    cloudwatch.destroy();
  }
}

async function lastHour(cloudwatch: CloudWatchClient, service: string, queue: string) {
  const counter = (Id: string, MetricName: string): MetricDataQuery => ({
    Id,
    MetricStat: {
      Metric: { Namespace: "Thumbsmith", MetricName, Dimensions: [{ Name: "service", Value: service }] },
      Period: HOUR,
      Stat: "Sum",
    },
  });
  const MetricDataQueries: MetricDataQuery[] = [
    counter("made", "Made"),
    counter("rejected", "Rejected"),
    counter("failed", "Failed"),
    {
      Id: "oldest",
      MetricStat: {
        Metric: {
          Namespace: "AWS/SQS",
          MetricName: "ApproximateAgeOfOldestMessage",
          Dimensions: [{ Name: "QueueName", Value: queue }],
        },
        Period: 60,
        Stat: "Maximum",
      },
    },
  ];
  const EndTime = new Date();
  const StartTime = new Date(EndTime.getTime() - HOUR * 1_000);
  const { MetricDataResults = [] } = await cloudwatch.send(
    new GetMetricDataCommand({ MetricDataQueries, StartTime, EndTime }),
  );
  const values = (id: string) => MetricDataResults.find(({ Id }) => Id === id)?.Values ?? [];
  const sum = (id: string) => values(id).reduce((total, value) => total + value, 0);
  return {
    made: sum("made"),
    rejected: sum("rejected"),
    failed: sum("failed"),
    secondsOldest: values("oldest")[0],
  };
}

function rowsOf({
  secondsOldest,
  made,
  rejected,
  failed,
  alarms,
  logGroup,
  dashboardUrl,
}: Watched): [string, string | number][] {
  return [
    ["waiting time of the oldest", secondsOldest === undefined ? "no data" : `${secondsOldest} s`],
    ["made, last hour", made],
    ["rejected, last hour", rejected],
    ["failed attempts, last hour", failed],
    ["alarms", alarms.join(", ") || "none"],
    ["log group", logGroup],
    ...(dashboardUrl ? [["dashboard", dashboardUrl] as [string, string]] : []),
  ];
}
