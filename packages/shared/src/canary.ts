import type { Config, Rule } from "./schema.ts";

/** Begins the names of canaries: images that are uploaded only to check that thumbnails are made. */
export const CANARY_NAME = "thumbsmith-canary-";

/** Begins the keys of the scheduled canary, which are under the first rule. */
export function canaryPrefix({ rules }: Pick<Config, "rules">): string {
  return `${rules[0]?.prefix}${CANARY_NAME}`;
}

/** Whether the outputs of a source are kept when it is deleted. A canary's never are. */
export function outliveSource(
  { prefix, whenDeleted }: Pick<Rule, "prefix" | "whenDeleted">,
  key: string,
): boolean {
  return whenDeleted === "keep" && !key.startsWith(prefix + CANARY_NAME);
}
