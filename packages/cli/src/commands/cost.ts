import { billOf, describeBill } from "../cost/bill.ts";
import { canaryUsage } from "../cost/canary.ts";
import { measure } from "../cost/measure.ts";
import { PRICES_HELP, readPrices } from "../cost/prices.ts";
import { ASSUMED_MILLISECONDS, isSlow, usageOfBridge, usageOfMonth } from "../cost/usage.ts";
import { typedConfig } from "../deployment/target.ts";
import type { Operation } from "../operation.ts";
import { wholeNumber } from "../terminal/numbers.ts";
import { count, counted } from "../terminal/print.ts";
import { requireOption } from "../terminal/require-option.ts";

interface Options {
  images: number;
  canary?: boolean;
  milliseconds?: number;
  prices?: string;
  stage?: string;
  outputs?: string;
  config?: string;
}

export const cost: Operation<Options> = {
  name: "cost",
  description: "Estimate the monthly bill for a number of images, item by item.",
  examples: [
    "pnpm thumbsmith cost --images 1000000",
    "pnpm thumbsmith cost --images 1000000 --stage production    # with the time its function really takes",
    "pnpm thumbsmith cost --images 1000000 --prices frankfurt.json",
  ],
  define: (command) =>
    requireOption(command, "--images <number>", "uploads a month", wholeNumber)
      .option(
        "--milliseconds <number>",
        "time of the function for each image (default: measured with --stage, else 250)",
        wholeNumber,
      )
      .option("--no-canary", "for a stage without a canary: a personal one, or CANARY=false")
      .option("--prices <file>", PRICES_HELP),

  async run({ connect, options }) {
    const config = await typedConfig(options);
    const isDeployed = Boolean(options.stage || options.outputs);
    const target = isDeployed ? await connect() : undefined;
    const measured = target && (await measure(target));
    const { UPLOADS_BUCKET, CANARY } = process.env;
    const theirs = target?.deployed ? target.deployed.uploadsRuleName : UPLOADS_BUCKET;
    const isAsked = target?.deployed ? target.deployed.canaryFunctionName : CANARY === "true";
    // An existing bucket gets a canary only if you ask for one.
    const withCanary = options.canary !== false && (!theirs || isAsked);
    const milliseconds = options.milliseconds ?? measured?.milliseconds ?? ASSUMED_MILLISECONDS;
    const origin = options.milliseconds
      ? "as you say"
      : measured
        ? `measured over ${count(measured.images)} images`
        : `assumed; --stage measures it${isSlow(config) ? ". Your variants set effort or lossless, which may take many times as long" : ""}`;
    const uses = [
      ...usageOfMonth(config, options.images, milliseconds),
      ...(withCanary ? canaryUsage(config) : []),
      ...(theirs ? usageOfBridge(options.images) : []),
    ];
    const bill = billOf(uses, await readPrices(options.prices));
    return {
      found: false,
      data: { images: options.images, milliseconds, origin, memory: config.limits.memory, ...bill },
      text: [
        `A month of ${counted(options.images, "image")}, each ${milliseconds} ms of ${config.limits.memory} MB (${origin}).`,
        "",
        describeBill(bill),
        "Storage is for one month's thumbnails. They are kept, so this item grows by the same amount every month.",
        "Not included: storing the sources, and downloads of the thumbnails.",
      ].join("\n"),
    };
  },
};
