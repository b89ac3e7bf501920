import { type Bill, billOf } from "../cost/bill.ts";
import { measure } from "../cost/measure.ts";
import type { Prices } from "../cost/prices.ts";
import { ASSUMED_MILLISECONDS, type Use, usageOfImages } from "../cost/usage.ts";
import type { Target } from "../deployment/target.ts";
import { counted } from "../terminal/print.ts";
import type { Checkpoint } from "./checkpoint.ts";

const PAGE = 1_000;
/** Assumed for a source that need not be decoded: calls to S3, one after the other. */
const UNDECODED_MILLISECONDS = 150;

/**
 * What a backfill costs: to check every source, and to update the stale ones.
 * @param read how many manifests were read
 */
export async function price(
  target: Target,
  { looked, sent, work, lanes }: Checkpoint,
  read: number,
  prices: Prices,
): Promise<Bill> {
  const ofImage = (await measure(target))?.milliseconds ?? ASSUMED_MILLISECONDS;
  const undecoded = sent - work.decode;
  const milliseconds = Math.round((work.decode * ofImage + undecoded * UNDECODED_MILLISECONDS) / (sent || 1));
  const check = usageOfCheck(looked, lanes.length, read);
  return billOf([...check, ...usageOfImages(target.config, sent, milliseconds, work)], prices);
}

export function usageOfCheck(looked: number, lanes: number, read: number): Use[] {
  const pages = Math.ceil((2 * looked) / PAGE) + lanes;
  return [
    { item: "S3 PUT, LIST", quantity: pages, how: "a page per 1,000 sources, and one for their manifests" },
    { item: "S3 GET, HEAD", quantity: read, how: `${counted(read, "manifest")} read` },
  ];
}
