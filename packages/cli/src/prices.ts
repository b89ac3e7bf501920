/**
 * List prices in us-east-1, in dollars, without free tiers or discounts, as of January 2025. Other regions differ by
 * some percent up to a half. The pages say what holds today.
 */
export const PRICES_OF = "us-east-1, January 2025";

interface Price {
  /** Dollars for `per` of them. */
  dollars: number;
  per: number;
  unit: string;
  page: string;
}

const S3 = "https://aws.amazon.com/s3/pricing/";
const SQS = "https://aws.amazon.com/sqs/pricing/";
const LAMBDA = "https://aws.amazon.com/lambda/pricing/";
const CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/";

export const prices = {
  "S3 PUT, LIST": { dollars: 5, per: 1e6, unit: "requests", page: S3 },
  "S3 GET, HEAD": { dollars: 0.4, per: 1e6, unit: "requests", page: S3 },
  "S3 storage": { dollars: 0.023, per: 1, unit: "GB-months", page: S3 },
  SQS: { dollars: 0.4, per: 1e6, unit: "requests", page: SQS },
  "Lambda requests": { dollars: 0.2, per: 1e6, unit: "requests", page: LAMBDA },
  "Lambda compute, arm64": { dollars: 0.0000133334, per: 1, unit: "GB-seconds", page: LAMBDA },
  "CloudWatch logs": { dollars: 0.5, per: 1, unit: "GB", page: CLOUDWATCH },
  "CloudWatch metrics": { dollars: 0.3, per: 1, unit: "metrics", page: CLOUDWATCH },
  "CloudWatch alarms": { dollars: 0.1, per: 1, unit: "alarms", page: CLOUDWATCH },
  "CloudWatch dashboards": { dollars: 3, per: 1, unit: "dashboards", page: CLOUDWATCH },
  "X-Ray traces": { dollars: 5, per: 1e6, unit: "traces", page: "https://aws.amazon.com/xray/pricing/" },
  "EventBridge, S3's events": {
    dollars: 1,
    per: 1e6,
    unit: "events",
    page: "https://aws.amazon.com/eventbridge/pricing/",
  },
  "KMS key": { dollars: 1, per: 1, unit: "keys", page: "https://aws.amazon.com/kms/pricing/" },
} as const satisfies Record<string, Price>;

export type Item = keyof typeof prices;
export type Usage = Partial<Record<Item, number>>;

/** One line of a bill. */
export interface Line {
  item: Item;
  quantity: number;
  unit: string;
  dollars: number;
}

export function billOf(usage: Usage): Line[] {
  return (Object.keys(prices) as Item[]).flatMap((item) => {
    const quantity = usage[item];
    if (!quantity) return [];
    const { dollars, per, unit } = prices[item];
    return [{ item, quantity, unit, dollars: (quantity * dollars) / per }];
  });
}

export function sum(lines: Line[]): number {
  return lines.reduce((total, { dollars }) => total + dollars, 0);
}
