import { DescribeRuleCommand, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import { eventPattern } from "@thumbsmith/shared";
import { counted } from "../terminal/print.ts";
import { type Check, compare } from "./checks.ts";
import type { Live } from "./live.ts";

/** The EventBridge rule that sends the events of an existing bucket to the queue. */
export function ruleChecks({ config, uploadsBucket }: Live, Name: string): Check<Live>[] {
  const pattern = conditionsOf(JSON.parse(eventPattern(uploadsBucket, config.rules)));
  return [
    {
      id: "rule.state",
      expected: "ENABLED",
      read: async ({ events }) => (await events.send(new DescribeRuleCommand({ Name }))).State ?? "none",
    },
    {
      id: "rule.pattern",
      expected: counted(pattern.length, "condition"),
      async read({ events }) {
        const { EventPattern = "{}" } = await events.send(new DescribeRuleCommand({ Name }));
        return compare(pattern, conditionsOf(JSON.parse(EventPattern)), "condition");
      },
    },
    {
      id: "rule.target",
      expected: "the queue, or else the dead letters",
      async read({ events, queue, deadLetters }) {
        const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule: Name }));
        const [queueArn, deadArn] = [(await queue()).QueueArn, (await deadLetters()).QueueArn];
        const names = Targets.map(
          ({ Arn, DeadLetterConfig }) =>
            `${Arn === queueArn ? "the queue" : Arn}, or else ${DeadLetterConfig?.Arn === deadArn ? "the dead letters" : (DeadLetterConfig?.Arn ?? "nothing")}`,
        );
        return names.join("; ") || "none";
      },
    },
  ];
}

/** A line for each value, as `detail.bucket.name "a-bucket"`, since AWS may return the parts in another order. */
function conditionsOf(pattern: object, path: string[] = []): string[] {
  return Object.entries(pattern).flatMap(([name, part]) =>
    Array.isArray(part)
      ? part.map((value) => `${[...path, name].join(".")} ${JSON.stringify(value)}`)
      : conditionsOf(part, [...path, name]),
  );
}
