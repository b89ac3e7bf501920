import type { Limits } from "./schema.ts";

/** The alarms of a deployment: each goes off above its threshold. docs/operations.md has a section for each. */
export function alarmThresholds({ timeout }: Pick<Limits, "timeout">) {
  return {
    errors: 0,
    throttles: 0,
    /** Milliseconds. */
    duration: 0.8 * timeout * 1_000,
    /** Seconds. */
    backlog: 15 * 60,
    "dead-letters": 0,
    /** Per cent of the sources. */
    rejections: 10,
    /** Canaries that failed in half an hour. The alarm also goes off if none was sent. */
    canary: 0,
  };
}
