import { type Config, outermost, ruleOf } from "@thumbsmith/shared";
import { pages } from "./listing.ts";
import type { Target } from "./target.ts";

/** How many of the keys no rule reads because of their names or paths. A folder's own key is not an upload. */
export function countUnaccepted(config: Pick<Config, "rules">, keys: readonly string[]): number {
  return keys.filter((key) => !key.endsWith("/") && !ruleOf(config, key)).length;
}

/** The same for the first page under each prefix, at most 1,000 keys each: enough for a quick check. */
export async function sampleNames({ s3, uploadsBucket, config }: Target) {
  const counts = await Promise.all(
    outermost(config.rules).map(async ({ prefix }) => {
      for await (const page of pages(s3, uploadsBucket, { prefix })) {
        const unaccepted = countUnaccepted(
          config,
          page.map(({ key }) => key),
        );
        return { listed: page.length, unaccepted };
      }
      return { listed: 0, unaccepted: 0 };
    }),
  );
  const sum = (of: "listed" | "unaccepted") => counts.reduce((total, each) => total + each[of], 0);
  return { listed: sum("listed"), unaccepted: sum("unaccepted") };
}
