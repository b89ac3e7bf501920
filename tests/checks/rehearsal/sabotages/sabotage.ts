import type { Target } from "../../../../packages/cli/src/deployment/target.ts";
import type { Live } from "../../../../packages/cli/src/verify/live.ts";

export type Broken = Live & { target: Target; queueUrl: string; deadLetterQueueUrl: string };

export interface Sabotage {
  /** The check of `verify` that has to find it. */
  check: string;
  how: string;
  breakIt(live: Broken): Promise<unknown>;
}

/** A policy that allows everyone everything. */
export const anything = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }],
});
