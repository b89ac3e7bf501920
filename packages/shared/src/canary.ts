import type { Config } from "./schema.ts";

/** Begins the names of canaries: pictures that are uploaded only to see whether thumbnails are made. */
export const CANARY_NAME = "thumbsmith-canary-";

/** Begins the keys of the scheduled canary: they are under the first rule. */
export function canaryPrefix({ rules }: Pick<Config, "rules">): string {
  return `${rules[0]?.prefix}${CANARY_NAME}`;
}
