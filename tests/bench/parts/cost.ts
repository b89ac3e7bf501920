import { type Bill, billOf } from "../../../packages/cli/src/cost/bill.ts";
import { usageOfImages } from "../../../packages/cli/src/cost/usage.ts";
import config from "../../../thumbsmith.config.ts";
import { artefact } from "../artefact.ts";
import { type Bench, type Part, WARM_UP } from "../bench.ts";
import { startCloud } from "../cloud.ts";
import { eventOf } from "../events.ts";
import { type Figure, short, table } from "../figures.ts";
import { spread, type Taken, totals } from "../pairs.ts";
import { COVER } from "../peers.ts";
import { type Photograph, resized } from "../photographs.ts";
import { startPython, startScript } from "../worker.ts";

const IMAGES = 1_000_000;
/** What apps and pages upload, and what a phone writes. */
const MEGAPIXELS = [2, 12];
/** Calls to S3 that run one after the other. */
const CALLS = 5;
/** Milliseconds that S3 is assumed to need for each. */
export const CALL = 20;

/** What a million photographs cost, from the time that they take here. */
export const cost: Part = {
  name: "cost",
  minutes: 1,
  async measure(bench) {
    const ways = await starter(bench);
    await bench.pair("Warming up", ways, [await resized(0.5)], WARM_UP);
    const invoices: Invoice[] = [];
    const rests: number[] = [];
    for (const megapixels of MEGAPIXELS) {
      const { making, rest } = await measureMaking(bench, ways, await resized(megapixels));
      rests.push(rest);
      for (const [name, cpu] of Object.entries(making)) invoices.push(invoice(name, megapixels, cpu + rest));
    }
    const ours = invoices.filter(({ name }) => name === "Thumbsmith");
    const figures = ours.map(({ megapixels, bill }) => [`million-${megapixels}`, dollarsOf(bill.total)]);
    return {
      text: [tableOf(invoices), "", noteOf(rests, invoices)].join("\n"),
      figures: Object.fromEntries(figures),
    };
  },
};

type Ways = Record<string, (photograph: Photograph) => Promise<Taken>>;

/** The function, and those that only make the thumbnail. */
async function starter(bench: Bench): Promise<Ways> {
  const cloud = await startCloud(bench);
  const function_ = bench.keep(startScript("handler", [await artefact()], cloud.environment));
  const pillow = await bench.find("pillow");
  const workers = {
    Thumbsmith: bench.keep(startScript("thumbsmith")),
    sharp: bench.keep(startScript("sharp", ["tutorial"])),
    ...(pillow && { Pillow: bench.keep(startPython(pillow.path, "pillow", ["naive"])) }),
  };
  const making = Object.entries(workers).map(([name, worker]) => [
    name,
    ({ path }: Photograph) => worker.ask<Taken>({ path, variants: COVER, isInMemory: true }),
  ]);
  return {
    ...Object.fromEntries(making),
    function: async ({ path }) => function_.ask<Taken>(eventOf([await cloud.upload(path)])),
  };
}

/** Milliseconds of CPU time: for a thumbnail by each, and for everything else that the function does. */
async function measureMaking(bench: Bench, ways: Ways, photograph: Photograph) {
  const runs = await bench.pair(`Cost, ${photograph.name}`, ways, [photograph]);
  const { function: all = 0, ...making } = Object.fromEntries(
    Object.entries(runs).map(([name, taken]) => [name, spread(totals(taken)).median]),
  );
  return { making, rest: Math.max(0, all - (making.Thumbsmith ?? 0)) };
}

const dollarsOf = (total: number): Figure => ({
  median: total,
  low: total,
  high: total,
  unit: "dollars",
  better: "less",
});

interface Invoice {
  name: string;
  megapixels: number;
  milliseconds: number;
  bill: Bill;
}

/** With one photograph per invocation, as when the queue is empty. */
function invoice(name: string, megapixels: number, cpu: number): Invoice {
  const milliseconds = Math.round(cpu + CALLS * CALL);
  return { name, megapixels, milliseconds, bill: billOf(usageOfImages(config, IMAGES, milliseconds)) };
}

function tableOf(invoices: readonly Invoice[]): string {
  const lines = invoices[0]?.bill.lines ?? [];
  const dollars = (amount = 0) => `$${amount.toFixed(2)}`;
  const of = ({ bill }: Invoice, item: string) => bill.lines.find((line) => line.item === item)?.dollars;
  const titles = invoices.map(({ name, megapixels }) => `${name}, ${megapixels} MP`);
  return table(
    ["a million photographs", ...titles, "basis"],
    [
      ...lines.map(({ item, how }) => [
        item,
        ...invoices.map((each) => dollars(of(each, item))),
        item.startsWith("Lambda compute") ? "the milliseconds below" : how,
      ]),
      ["**total**", ...invoices.map(({ bill }) => `**${dollars(bill.total)}**`), ""],
      ["milliseconds per photograph", ...invoices.map(({ milliseconds }) => milliseconds), ""],
    ],
  );
}

function noteOf(rests: readonly number[], [first]: readonly Invoice[]): string {
  const each = MEGAPIXELS.map((megapixels, i) => `${short(rests[i] ?? 0)} ms (${megapixels} MP)`);
  return `Prices are those of ${first?.bill.pricesOf}, without free tiers (\`pnpm thumbsmith cost\`), for a function of ${config.limits.memory} MB, which has one whole vCPU.
The milliseconds are the sum of the CPU time of one thumbnail here, from a baseline JPEG to 150 × 150; ${each.join(" or ")} for the SDK, the log and
the rest of the function; and ${CALLS} calls to S3, one after another, assumed to take ${CALL} ms each. We assume that Lambda's vCPU is as fast as a core here; on a
slower one, the CPU's share grows in proportion. "sharp" and "Pillow" are the same function with the same calls to S3, so only the making of the picture differs.`;
}
