import type { Config } from "@thumbsmith/shared";
import type { Item } from "./prices.ts";
import { ASSUMED_MILLISECONDS, MONTH, type Use, usageOfImages } from "./usage.ts";

/** In a month: one every 15 minutes. */
const CANARIES = MONTH / (15 * 60);
/** Seconds that the canary's function waits for its manifest, and its memory in gigabytes. */
const CANARY_WAIT = 3;
const CANARY_MEMORY = 0.25;

/** What the canary adds: its own function, and the thumbnails of its images. */
export function canaryUsage(config: Config): Use[] {
  const events = usageOfImages(config, CANARIES, ASSUMED_MILLISECONDS);
  const [written, read] = [quantityOf(events, "S3 PUT, LIST"), quantityOf(events, "S3 GET, HEAD")];
  const compute = quantityOf(events, "Lambda compute, arm64");
  return [
    {
      item: "S3 PUT, LIST",
      quantity: CANARIES + written,
      how: "the canary: its image and its outputs",
    },
    {
      item: "S3 GET, HEAD",
      quantity: CANARIES * 2 * CANARY_WAIT + 2 * read,
      how: "the canary: two requests a second until the manifest is there, then upload and removal",
    },
    {
      item: "Lambda compute, arm64",
      quantity: CANARIES * CANARY_WAIT * CANARY_MEMORY + 2 * compute,
      how: `the canary: ${CANARY_WAIT} s of waiting, then upload and removal`,
    },
    { item: "CloudWatch metrics", quantity: 2, how: "the canary: its result and its duration" },
    { item: "CloudWatch alarms", quantity: 1, how: "the canary" },
  ];
}

function quantityOf(uses: Use[], item: Item): number {
  return uses.filter((use) => use.item === item).reduce((sum, { quantity }) => sum + quantity, 0);
}
