import type { Limits } from "./schema.ts";

/** The alarms of a deployment: each rings above its threshold. docs/operations.md has a section for each. */
export function alarmThresholds({ timeout }: Pick<Limits, "timeout">) {
  return {
    errors: 0,
    throttles: 0,
    /** Milliseconds. */
    duration: 0.8 * timeout * 1_000,
    /** Seconds. */
    backlog: 15 * 60,
    "dead-letters": 0,
    /** Per cent of the images. */
    rejections: 10,
    /** Of those in half an hour. It rings too when none was sent. */
    canary: 0,
  };
}
