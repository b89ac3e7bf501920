import type { Config } from "@thumbsmith/shared";
import type { Usage } from "./prices.ts";

/** What an image is taken to need where nothing is measured: a photo of some megapixels in one vCPU. */
export const ASSUMED_MILLISECONDS = 250;

/** Bytes of log that the function and Lambda write of an image. */
const LOG_BYTES = 1_500;
/** Of an output's bytes for each pixel of its box. */
const BYTES_PER_PIXEL = 0.35;
const ASSUMED_SIDE = 1_000;
/** Lambda traces one request a second, and one in twenty of the others. */
const TRACED = 0.05;

/** What making the thumbnails of some images takes. Uploading the sources and keeping them is not in it. */
export function usageOfImages({ rules, limits }: Config, images: number, milliseconds: number): Usage {
  const variants = rules.flatMap((rule) => rule.variants);
  const outputs = variants.length / rules.length;
  const pixels = variants.map(
    ({ width, height }) => (width ?? height ?? ASSUMED_SIDE) * (height ?? width ?? ASSUMED_SIDE),
  );
  const bytes = (pixels.reduce((total, each) => total + each, 0) / rules.length) * BYTES_PER_PIXEL;
  return {
    // The outputs and the manifest; the manifest that is not there yet, the source, and a second look at it.
    "S3 PUT, LIST": images * (outputs + 1),
    "S3 GET, HEAD": images * 3,
    "S3 storage": (images * bytes) / 1e9,
    // Sent, received and deleted, with no more than one in a batch.
    SQS: images * 3,
    "Lambda requests": images,
    "Lambda compute, arm64": images * (milliseconds / 1_000) * (limits.memory / 1_024),
    "CloudWatch logs": (images * LOG_BYTES) / 1e9,
    "X-Ray traces": images * TRACED,
    "EventBridge, S3's events": images * (outputs + 1),
  };
}

/** What a month costs though nobody uploads anything. */
export const idleUsage: Usage = {
  "KMS key": 1,
  "CloudWatch alarms": 6,
  "CloudWatch metrics": 15,
  "CloudWatch dashboards": 1,
  // Lambda's five pollers, each of which waits 20 seconds at a time.
  SQS: (5 * 30 * 24 * 60 * 60) / 20,
};

export function add(a: Usage, b: Usage): Usage {
  const items = [...Object.keys(a), ...Object.keys(b)] as (keyof Usage)[];
  return Object.fromEntries(items.map((item) => [item, (a[item] ?? 0) + (b[item] ?? 0)]));
}
