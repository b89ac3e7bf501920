import { outermost } from "./rules.ts";
import type { Rule } from "./schema.ts";

// S3 keeps one notification configuration per bucket, so ours would overwrite that of a bucket that exists: its events
// come through EventBridge instead.

/** EventBridge's names of the events after which a source is processed. "Object Deleted" also comes for old versions. */
const BRIDGED_EVENTS = ["Object Created", "Object Deleted", "Object Restore Completed"];

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
export const MAX_PATTERN_CHARACTERS = 2_048;

/**
 * The pattern that selects one bucket's events under the rules' prefixes, for any name. It does not filter suffixes: a
 * prefix together with a suffix needs a wildcard, and EventBridge refuses a pattern of more than a few as too complex.
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
