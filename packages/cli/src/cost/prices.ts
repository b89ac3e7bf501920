import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { LAMBDA_PRICES } from "@thumbsmith/shared";
import * as z from "zod/mini";
import { parseFile } from "../terminal/files.ts";
import { whereTyped } from "../terminal/where-typed.ts";

/**
 * The region and date of our list prices, which have no free tiers or discounts. Each links to the page with today's
 * price. Other regions differ by a few percent, up to a half.
 */
const PRICES_OF = "us-east-1, January 2025";

export interface Price {
  /** Dollars for `per` of them. */
  dollars: number;
  per: number;
  unit: string;
  page: string;
}

const S3 = "https://aws.amazon.com/s3/pricing/";
const SQS = "https://aws.amazon.com/sqs/pricing/";
const KMS = "https://aws.amazon.com/kms/pricing/";
const LAMBDA = "https://aws.amazon.com/lambda/pricing/";
const CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/";
const XRAY = "https://aws.amazon.com/xray/pricing/";
const EVENTBRIDGE = "https://aws.amazon.com/eventbridge/pricing/";

const prices = {
  "S3 PUT, LIST": { dollars: 0.005, per: 1_000, unit: "requests", page: S3 },
  "S3 GET, HEAD": { dollars: 0.0004, per: 1_000, unit: "requests", page: S3 },
  "S3 storage": { dollars: 0.023, per: 1, unit: "GB-months", page: S3 },
  SQS: { dollars: 0.4, per: 1_000_000, unit: "requests", page: SQS },
  "Lambda requests": {
    dollars: LAMBDA_PRICES.millionRequests,
    per: 1_000_000,
    unit: "requests",
    page: LAMBDA,
  },
  "Lambda compute, arm64": {
    dollars: LAMBDA_PRICES.gigabyteSecond,
    per: 1,
    unit: "GB-seconds",
    page: LAMBDA,
  },
  "KMS requests": { dollars: 0.03, per: 10_000, unit: "requests", page: KMS },
  "KMS key": { dollars: 1, per: 1, unit: "keys", page: KMS },
  "CloudWatch logs": { dollars: 0.5, per: 1, unit: "GB", page: CLOUDWATCH },
  "CloudWatch metrics": { dollars: 0.3, per: 1, unit: "metrics", page: CLOUDWATCH },
  "CloudWatch alarms": { dollars: 0.1, per: 1, unit: "metrics", page: CLOUDWATCH },
  "CloudWatch dashboards": { dollars: 3, per: 1, unit: "dashboards", page: CLOUDWATCH },
  "X-Ray traces": { dollars: 5, per: 1_000_000, unit: "traces", page: XRAY },
  "EventBridge, S3's events": { dollars: 1, per: 1_000_000, unit: "events", page: EVENTBRIDGE },
} as const satisfies Record<string, Price>;

export type Item = keyof typeof prices;

/** The help of the option that names a file of prices. */
export const PRICES_HELP = `JSON file of dollars per item, such as {"SQS": 0.5}, to use instead of those of ${PRICES_OF}`;

const items = Object.keys(prices) as [Item, ...Item[]];

const Dollars = z.partialRecord(z.enum(items), z.number().check(z.nonnegative()));

export interface Prices {
  /** Their region and date. */
  pricesOf: string;
  prices: Record<Item, Price>;
}

export const ourPrices: Prices = { pricesOf: PRICES_OF, prices };

/** @param file JSON with dollars by item, to use instead of ours */
export async function readPrices(file?: string): Promise<Prices> {
  if (file === undefined) return ourPrices;
  const path = resolve(whereTyped(), file);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new Error(`Expected a file of prices at ${path}, found none.`, { cause });
  });
  const given = parseFile(Dollars, text, path);
  const merged = items.map((item) => {
    const price: Price = prices[item];
    return [item, { ...price, dollars: given[item] ?? price.dollars }];
  });
  const own = Object.keys(given);
  return {
    pricesOf: own.length === items.length ? file : `${PRICES_OF}; from ${file} for ${own.join(", ")}`,
    prices: Object.fromEntries(merged),
  };
}
