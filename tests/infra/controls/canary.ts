import type { Graph } from "@thumbsmith/synth";
import { ACCOUNT } from "@thumbsmith/synth";
import { type Control, grantsOf, statementsOf } from "./control.ts";

export const ofCanary: Control[] = [
  {
    ids: ["TS.11"],
    title:
      "a retained stage sends a canary every 15 minutes; no other stage does, and nothing else can call it",
    where: "infra/canary.ts",
    find: (graph) => problemsOf(graph).map((problem) => ({ resource: "CanarySchedule", problem })),
  },
];

function problemsOf(graph: Graph): string[] {
  const [schedule, ...others] = graph.all("scheduler.Schedule");
  if (graph.data.app.stage !== "production") return schedule ? ["should not exist"] : [];
  if (!schedule || others.length > 0) return ["is not the one schedule"];
  const { scheduleExpression, target, state = "ENABLED" } = schedule.inputs;
  const fn = graph.one("lambda.Function", "CanaryFunction").outputs.arn;
  const role = graph.one("iam.Role", "CanaryScheduleRole");
  const may = grantsOf(role).map(({ Action, Resource }) => `${Action} ${Resource}`);
  const [trust, ...more] = statementsOf(role.inputs.assumeRolePolicy);
  const { "aws:SourceAccount": account, "aws:SourceArn": arn } = trust?.Condition?.StringEquals ?? {};
  const isOurs = account === ACCOUNT && String(arn).endsWith(`:${ACCOUNT}:schedule-group/default`);
  const rows: [boolean, string][] = [
    [scheduleExpression === "rate(15 minutes)" && state === "ENABLED", "does not run every 15 minutes"],
    [target.retryPolicy?.maximumRetryAttempts === 0, "retries a failed run"],
    [target.arn === fn && target.roleArn === role.outputs.arn, "calls another function"],
    [may.join() === `lambda:InvokeFunction ${fn}`, `may ${may}`],
    [JSON.stringify(trust?.Principal) === '{"Service":"scheduler.amazonaws.com"}', "trusts others"],
    [isOurs && more.length === 0, "can be set up by another account"],
  ];
  return rows.filter(([holds]) => !holds).map(([, problem]) => problem);
}
