import { verify } from "../../../packages/cli/src/commands/verify.ts";
import type { Target } from "../../../packages/cli/src/deployment/target.ts";
import { columns } from "../../../packages/cli/src/terminal/print.ts";
import type { Result } from "../../../packages/cli/src/verify/checks.ts";
import { createLive } from "../../../packages/cli/src/verify/live.ts";
import { buckets } from "./sabotages/buckets.ts";
import { functionAndRole } from "./sabotages/function.ts";
import { queues } from "./sabotages/queues.ts";
import { watching } from "./sabotages/watching.ts";

const sabotages = [...buckets, ...queues, ...functionAndRole, ...watching];

/**
 * Breaks one property after the other, and runs `verify` after each. Nothing is repaired in between, so the expected check
 * has to report something other than before.
 */
export async function sabotage(target: Target): Promise<string> {
  const { deployed } = target;
  if (!deployed) throw new Error("Expected a deployment to break.");
  const live = createLive(target, deployed);
  let before = await verifyNow(target);
  const rows: string[][] = [];
  let named = 0;
  let impossible = 0;
  for (const { check, how, breakIt } of sabotages) {
    const refused = await breakIt({
      ...live,
      target,
      queueUrl: target.queueUrl,
      deadLetterQueueUrl: target.deadLetterQueueUrl,
    }).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    if (refused) {
      impossible += 1;
      rows.push([`– ${how}`, check, `moto refuses it: ${firstLine(refused)}`]);
      continue;
    }
    const after = await verifyNow(target);
    const [was, is] = [before.get(check), after.get(check)];
    const isNamed = is?.result === "differs" && is.found !== was?.found;
    if (isNamed) named += 1;
    rows.push([`${isNamed ? "✓" : "✗"} ${how}`, check, is ? firstLine(is.found) : "no such check"]);
    before = after;
  }
  live.close();
  const untouched = [...before.keys()].filter((id) => !sabotages.some(({ check }) => check === id));
  return [
    columns(["sabotage", "check", "found"], rows),
    "",
    `${named} of ${sabotages.length - impossible} sabotages were found${impossible ? `, ${impossible} are not possible here` : ""}. Checks without one: ${untouched.join(", ") || "none"}.`,
  ].join("\n");
}

async function verifyNow(target: Target): Promise<Map<string, Result>> {
  const { data } = await verify.run({
    connect: async () => target,
    args: [],
    options: { readOnly: true, wait: 1 },
    signal: new AbortController().signal,
  });
  return new Map((data as Result[]).map((result) => [result.id, result]));
}

function firstLine(text: string): string {
  const [line = ""] = text.split("\n");
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}
