import { DescribeRuleCommand, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import { eventPattern } from "@thumbsmith/shared";
import type { Check } from "./checks.ts";
import type { Live } from "./live.ts";

/** The rule by which the events of a bucket that exists reach the queue. */
export function ruleChecks({ config, uploadsBucket }: Live, Name: string): Check<Live>[] {
  const pattern = eventPattern(uploadsBucket, config.rules);
  return [
    {
      id: "rule.pattern",
      expected: `ENABLED, ${pattern}`,
      async read({ events }) {
        const { State, EventPattern = "{}" } = await events.send(new DescribeRuleCommand({ Name }));
        return `${State}, ${JSON.stringify(JSON.parse(EventPattern))}`;
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
