import { outermost } from "./rules.ts";
import type { Rule } from "./schema.ts";

// A bucket that exists keeps the notifications that it has: its events come by way of EventBridge.

/** The events after which a source is processed, as EventBridge names them. A delete is one of any version. */
const BRIDGED_EVENTS = ["Object Created", "Object Deleted", "Object Restore Completed"];

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
export const MAX_PATTERN_CHARACTERS = 2_048;

/**
 * What EventBridge picks out of the account's events: those of one bucket under the rules' prefixes, of any name.
 * A prefix and a suffix together take a wildcard, and EventBridge refuses a rule of more than a few as too complex.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function eventPattern(bucket: string, rules: readonly Pick<Rule, "prefix">[]): string {
  return JSON.stringify({
    source: ["aws.s3"],
    "detail-type": BRIDGED_EVENTS,
    detail: {
      bucket: { name: [bucket] },
      object: { key: outermost(rules).map(({ prefix }) => ({ prefix })) },
    },
  });
}
