import type { Config, Rule } from "./schema.ts";

/** Begins the names of canaries: pictures that are uploaded only to see whether thumbnails are made. */
export const CANARY_NAME = "thumbsmith-canary-";

/** Begins the keys of the scheduled canary: they are under the first rule. */
export function canaryPrefix({ rules }: Pick<Config, "rules">): string {
  return `${rules[0]?.prefix}${CANARY_NAME}`;
}

/** Whether the outputs of a source outlive it. Those of a canary never do. */
export function outliveSource(
  { prefix, whenDeleted }: Pick<Rule, "prefix" | "whenDeleted">,
  key: string,
): boolean {
  return whenDeleted === "keep" && !key.startsWith(prefix + CANARY_NAME);
}
