import { alarmThresholds, type Config, type Variant } from "@thumbsmith/shared";
import type { Work } from "../backfill/work.ts";
import { count, counted } from "../terminal/print.ts";
import type { Item } from "./prices.ts";

/** How much of an item is used, and why. */
export interface Use {
  item: Item;
  quantity: number;
  how: string;
}

/** Assumed when nothing is measured: an image of a few megapixels in one vCPU. */
export const ASSUMED_MILLISECONDS = 250;

/** Bytes of log that the function and Lambda write per image. */
const LOG_BYTES = 1_500;
/** Bytes of an output for each pixel of its box. */
const BYTES_PER_PIXEL = 0.35;
/** The same for PNG, and for lossless WebP and AVIF: photographs took 1 to 2.6. */
const LOSSLESS_BYTES_PER_PIXEL = 2;
const ASSUMED_SIDE = 1_000;
/** Lambda traces one request a second, and one in twenty of the others. */
const TRACED = 0.05;
/** The share of S3 requests that still reach KMS when a bucket uses a bucket key. */
const REACH_KMS = 0.01;
export const MONTH = 30 * 24 * 60 * 60;
/** Lambda's pollers per queue, and the seconds that each waits for a message. */
const POLLERS = 5;
const WAIT = 20;
const POLLS = (POLLERS * MONTH) / WAIT;

/**
 * What it takes to make the thumbnails of some images. Uploading and storing the sources is not included.
 * @param work the work on all of them, if not every output is made
 */
export function usageOfImages(
  { rules, limits }: Config,
  images: number,
  milliseconds: number,
  work?: Pick<Work, "make" | "headers" | "stand">,
): Use[] {
  const variants = rules.flatMap((rule) => rule.variants);
  const all = variants.length / rules.length;
  const { make, headers, stand } = work ?? { make: all * images, headers: 0, stand: 0 };
  const outputs = (make + headers) / (images || 1);
  const bytesOfAll = variants.reduce((total, each) => total + bytesOf(each), 0) / rules.length;
  const bytes = (bytesOfAll / all) * (make / (images || 1));
  const gigabytes = limits.memory / 1_024;
  const written = `per image: ${counted(outputs, "output")} and a manifest`;
  return [
    { item: "S3 PUT, LIST", quantity: images * (outputs + 1), how: written },
    {
      item: "S3 GET, HEAD",
      quantity: images * 3 + stand + 2 * headers,
      how: `per image: the manifest, the source, and the source once more${work ? "; each output that stays" : ""}`,
    },
    {
      item: "S3 storage",
      quantity: (images * bytes) / 1e9,
      how: `${Math.round(bytes)} bytes per image: ${BYTES_PER_PIXEL} per pixel of its variants${variants.some(isLossless) ? `, ${LOSSLESS_BYTES_PER_PIXEL} if lossless` : ""}`,
    },
    { item: "SQS", quantity: images * 3, how: "per image: send, receive and delete, in batches of one" },
    { item: "Lambda requests", quantity: images, how: "batches of one" },
    {
      item: "Lambda compute, arm64",
      quantity: images * (milliseconds / 1_000) * gigabytes,
      how: `${milliseconds} ms at ${limits.memory} MB per image`,
    },
    {
      item: "KMS requests",
      quantity: images * (outputs + 4) * REACH_KMS,
      how: "one for every 100 requests to S3, thanks to bucket keys",
    },
    { item: "CloudWatch logs", quantity: (images * LOG_BYTES) / 1e9, how: `${LOG_BYTES} bytes per image` },
    { item: "X-Ray traces", quantity: images * TRACED, how: "one image in 20" },
    { item: "EventBridge, S3's events", quantity: images * (outputs + 1), how: written },
  ];
}

function bytesOf(variant: Variant): number {
  const { width, height } = variant;
  const pixels = (width ?? height ?? ASSUMED_SIDE) * (height ?? width ?? ASSUMED_SIDE);
  return pixels * (isLossless(variant) ? LOSSLESS_BYTES_PER_PIXEL : BYTES_PER_PIXEL);
}

const isLossless = ({ format, lossless }: Variant) => lossless === true || format === "png";

/** Whether a variant sets an option that may take its encoder many times as long: AVIF may take seconds. */
export function isSlow({ rules }: Config): boolean {
  return rules.some(({ variants }) =>
    variants.some(({ effort, lossless }) => effort !== undefined || lossless),
  );
}

/** What a month takes in total. A poll that finds a message is already counted as its receive. */
export function usageOfMonth(config: Config, images: number, milliseconds: number): Use[] {
  const emptyPolls = Math.max(0, POLLS - images);
  const sqs = (use: Use): Use => ({
    ...use,
    quantity: use.quantity + emptyPolls,
    how: emptyPolls > 0 ? `${use.how}; ${count(emptyPolls)} empty polls` : use.how,
  });
  const uses = usageOfImages(config, images, milliseconds);
  return [
    ...uses.map((use) => (use.item === "SQS" ? sqs(use) : use)),
    ...idleUsage.filter(({ item }) => item !== "SQS"),
  ];
}

/** What the events of an existing bucket add. */
export function usageOfBridge(images: number): Use[] {
  const how = "each upload to your existing bucket; its other events are billed too, but not counted here";
  return [{ item: "EventBridge, S3's events", quantity: images, how }];
}

/** What a month costs without any upload. */
export const idleUsage: Use[] = [
  { item: "SQS", quantity: POLLS, how: `${POLLERS} pollers, every ${WAIT} seconds each` },
  {
    item: "KMS key",
    quantity: 2,
    how: "one for the data, one for the alarms' topic; the first two yearly rotations add $1 each",
  },
  {
    item: "CloudWatch metrics",
    quantity: 15,
    how: "six results, four phases, pixels, and about four codes",
  },
  {
    item: "CloudWatch alarms",
    quantity: Object.keys(alarmThresholds({ timeout: 1 })).length,
    how: "one per alarm except the canary's, two for rejections",
  },
  { item: "CloudWatch dashboards", quantity: 1, how: "" },
];
