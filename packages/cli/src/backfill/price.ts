import { measure } from "../measure.ts";
import { billOf, type Line, PRICES_OF, sum } from "../prices.ts";
import type { Target } from "../target.ts";
import { ASSUMED_MILLISECONDS, add, usageOfImages } from "../usage.ts";
import type { Checkpoint } from "./checkpoint.ts";

const PAGE = 1_000;

/** What a backfill costs: the look at everything, and the work on what is stale. */
export async function price(
  target: Target,
  { looked, sent, lanes }: Checkpoint,
  read: number,
): Promise<{ lines: Line[]; total: number; prices: string }> {
  const milliseconds = (await measure(target))?.milliseconds ?? ASSUMED_MILLISECONDS;
  const lists = (2 * looked) / PAGE + lanes.length;
  const look = { "S3 PUT, LIST": lists, "S3 GET, HEAD": read };
  const lines = billOf(add(look, usageOfImages(target.config, sent, milliseconds)));
  return { lines, total: sum(lines), prices: `prices of ${PRICES_OF}` };
}
