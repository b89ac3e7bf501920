import { measure } from "../measure.ts";
import { wholeNumber } from "../numbers.ts";
import type { Operation } from "../operation.ts";
import { billOf, PRICES_OF, sum } from "../prices.ts";
import { columns, count, dollars } from "../print.ts";
import { ASSUMED_MILLISECONDS, add, idleUsage, usageOfImages } from "../usage.ts";

interface Options {
  images: number;
  milliseconds?: number;
  stage?: string;
  outputs?: string;
}

export const cost: Operation<Options> = {
  name: "cost",
  description: "Prices a month of so many images with this configuration, item by item.",
  examples: [
    "pnpm thumbsmith cost --images 1000000",
    "pnpm thumbsmith cost --images 1000000 --stage production    # with what its function really takes",
  ],
  define: (command) =>
    command
      .requiredOption("--images <number>", "uploads a month", wholeNumber)
      .option("--milliseconds <number>", "of the function, for an image", wholeNumber),

  async run({ connect, options }) {
    const { default: config } = await import("../../../../thumbsmith.config.ts");
    const isDeployed = Boolean(options.stage || options.outputs);
    const measured = isDeployed ? await measure(await connect()) : undefined;
    const milliseconds = options.milliseconds ?? measured?.milliseconds ?? ASSUMED_MILLISECONDS;
    const origin = options.milliseconds
      ? "as you say"
      : measured
        ? `measured over ${count(measured.images)} images`
        : "assumed: --stage measures it";
    const lines = billOf(add(usageOfImages(config, options.images, milliseconds), idleUsage));
    const { memory } = config.limits;
    const total = sum(lines);
    const rows = lines.map(({ item, quantity, unit, dollars: amount }) => [
      item,
      `${count(Math.ceil(quantity))} ${unit}`,
      dollars(amount),
    ]);
    return {
      found: false,
      data: { images: options.images, milliseconds, origin, memory, lines, total, prices: PRICES_OF },
      text: [
        columns(["a month", "", ""], [...rows, ["total", `${count(options.images)} images`, dollars(total)]]),
        "",
        `${milliseconds} ms of ${memory} MB for an image, ${origin}. Prices of ${PRICES_OF}, without free tiers.`,
        "Not in it: the sources themselves, and whoever downloads the thumbnails.",
      ].join("\n"),
    };
  },
};
