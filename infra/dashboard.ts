import { LAMBDA_PRICES } from "@thumbsmith/shared";
import config from "../thumbsmith.config.ts";
import { alarmArns } from "./alarms.ts";
import { canary } from "./canary.ts";
import { prefix } from "./names.ts";
import { deadLetters, queue } from "./queue.ts";
import { readStage } from "./stage.ts";
import { subscriber } from "./subscriber.ts";
import { uploadsRule } from "./uploads-rule.ts";

type Metric = [
  namespace: string,
  metric: string,
  dimension: string,
  value: $util.Input<string>,
  options: object,
];
type Expression = [{ expression: string; label: string; id?: string }];

const stage = readStage($app.stage);
const gigabytes = config.limits.memory / 1_024;
const { gigabyteSecond, millionRequests } = LAMBDA_PRICES;
// The price of one invocation would be written 2e-7, and AWS does not say that its expressions read this.
const cost = `invocations / 1000000 * ${millionRequests} + duration / 1000 * ${gigabytes} * ${gigabyteSecond}`;

const ofFunction = (metric: string, options: object): Metric => [
  ...(["AWS/Lambda", metric, "FunctionName"] as const),
  subscriber.name,
  options,
];
const ofQueue = (metric: string, { nodes }: sst.aws.Queue, options: object): Metric => [
  ...(["AWS/SQS", metric, "QueueName"] as const),
  nodes.queue.name,
  options,
];
const counted = (metric: string, stat = "Sum"): Metric => ["Thumbsmith", metric, "service", prefix, { stat }];

const ofRule = (rule: $util.Input<string>): Metric[] => [
  ["AWS/Events", "MatchedEvents", "RuleName", rule, { stat: "Sum", label: "heard" }],
  ["AWS/Events", "FailedInvocations", "RuleName", rule, { stat: "Sum", label: "not delivered" }],
];

/** A row each for: is it healthy, how fast is it, what does it cost. */
const rows = [
  [
    { type: "alarm", properties: { title: "Is it healthy?", alarms: alarmArns } },
    graph(
      "Images",
      ["Made", "Rejected", "Failed", "Stale", "Duplicate"].map((metric) => counted(metric)),
    ),
    graph("Waiting, and dead letters", [
      ofQueue("ApproximateNumberOfMessagesVisible", queue, { stat: "Maximum", label: "waiting" }),
      ofQueue("ApproximateNumberOfMessagesVisible", deadLetters, { stat: "Maximum", label: "dead letters" }),
    ]),
  ],
  [
    graph("How fast? Milliseconds of an invocation", [
      ofFunction("Duration", { stat: "p50", label: "p50" }),
      ofFunction("Duration", { stat: "p99", label: "p99" }),
    ]),
    graph("Seconds that the oldest upload has waited", [
      ofQueue("ApproximateAgeOfOldestMessage", queue, { stat: "Maximum" }),
    ]),
    graph("Invocations at once", [
      ofFunction("ConcurrentExecutions", { stat: "Maximum" }),
      ofFunction("Throttles", { stat: "Sum" }),
    ]),
  ],
  [
    graph(
      "What does it cost? Dollars of Lambda an hour",
      [
        [{ expression: cost, label: "USD" }],
        ofFunction("Invocations", { id: "invocations", stat: "Sum", visible: false }),
        ofFunction("Duration", { id: "duration", stat: "Sum", visible: false }),
      ],
      3_600,
    ),
    ...(canary
      ? [graph("Seconds from an upload to its thumbnails", [counted("CanarySeconds", "Maximum")], 900)]
      : []),
    ...(uploadsRule ? [graph("Events by way of EventBridge", ofRule(uploadsRule.name))] : []),
  ],
];

const WIDTH = 8;
const HEIGHT = 6;

const dashboard = new aws.cloudwatch.Dashboard("Dashboard", {
  dashboardName: prefix,
  dashboardBody: $jsonStringify({
    widgets: rows.flatMap((row, y) =>
      row.map((widget, x) => ({ ...widget, x: x * WIDTH, y: y * HEIGHT, width: WIDTH, height: HEIGHT })),
    ),
  }),
});

export const dashboardUrl = $interpolate`https://${stage.region}.console.aws.amazon.com/cloudwatch/home?region=${stage.region}#dashboards/dashboard/${dashboard.dashboardName}`;

function graph(title: string, metrics: (Metric | Expression)[], period = 60) {
  return { type: "metric", properties: { title, metrics, period, region: stage.region, view: "timeSeries" } };
}
