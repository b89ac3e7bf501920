import { type Bill, billOf } from "../../../packages/cli/src/cost/bill.ts";
import { usageOfImages } from "../../../packages/cli/src/cost/usage.ts";
import config from "../../../thumbsmith.config.ts";
import { artefact } from "../artefact.ts";
import type { Bench, Part } from "../bench.ts";
import { startCloud } from "../cloud.ts";
import { eventOf } from "../events.ts";
import { type Figure, short, table } from "../figures.ts";
import { spread, type Taken, totals } from "../pairs.ts";
import { COVER } from "../peers.ts";
import { type Photograph, resized } from "../photographs.ts";
import { startPython, startScript } from "../worker.ts";

const IMAGES = 1_000_000;
/** The default, and a larger one. With less than the default, the default limits do not fit. */
const MEMORIES = [config.limits.memory, 3_008];
/** From so many megabytes on, Lambda gives a whole vCPU; below, a part of one. */
const WHOLE_VCPU = 1_769;
/** Calls to S3 that wait for one another, and the milliseconds that S3 is taken to need for each. */
const [CALLS, CALL] = [5, 20];

/** What a million photographs cost, by what they take here. */
export const cost: Part = {
  name: "cost",
  minutes: 0.5,
  async measure(bench) {
    const photograph = await resized(12);
    const { cpu, rest } = await measureMaking(bench, photograph);
    const [memory = 0] = MEMORIES;
    const invoices = [
      ...MEMORIES.map((megabytes) => invoice("Thumbsmith", megabytes, (cpu.thumbsmith ?? 0) + rest)),
      ...["sharp", "Pillow"]
        .filter((name) => cpu[name])
        .map((name) => invoice(name, memory, (cpu[name] ?? 0) + rest)),
    ];
    const figures = { million: dollarsOf(invoices[0]?.bill.total ?? 0) };
    return { text: [tableOf(invoices), "", noteOf(rest, invoices)].join("\n"), figures };
  },
};

/** Milliseconds of CPU time: of a thumbnail by each, and of all else that the function does. */
async function measureMaking(bench: Bench, photograph: Photograph) {
  const cloud = await startCloud(bench);
  const function_ = bench.keep(startScript("handler", [await artefact()], cloud.environment));
  const workers = {
    thumbsmith: bench.keep(startScript("thumbsmith")),
    sharp: bench.keep(startScript("sharp", ["tutorial"])),
  };
  const pillow = await bench.find("pillow");
  const naive = pillow && bench.keep(startPython(pillow.path, "pillow", ["naive"]));
  const request = { path: photograph.path, variants: COVER, isInMemory: true };
  const runs: Record<string, Taken[][]> = await bench.pair<string, Photograph>(
    "Cost",
    {
      handler: async ({ path }) => function_.ask<Taken>(eventOf([await cloud.upload(path)])),
      thumbsmith: () => workers.thumbsmith.ask<Taken>(request),
      sharp: () => workers.sharp.ask<Taken>(request),
      ...(naive && { Pillow: () => naive.ask<Taken>(request) }),
    },
    [photograph],
  );
  const of = (name: string) => spread(totals(runs[name] ?? [])).median;
  const cpu = Object.fromEntries(Object.keys(runs).map((name) => [name, of(name)]));
  return { cpu, rest: Math.max(0, of("handler") - of("thumbsmith")) };
}

const dollarsOf = (total: number): Figure => ({
  median: total,
  low: total,
  high: total,
  unit: "dollars",
  better: "less",
});

interface Invoice {
  title: string;
  milliseconds: number;
  bill: Bill;
}

/** With one photograph an invocation, as it is when nothing waits in the queue. */
function invoice(name: string, memory: number, cpu: number): Invoice {
  const milliseconds = Math.round((cpu * WHOLE_VCPU) / Math.min(memory, WHOLE_VCPU) + CALLS * CALL);
  const limits = { ...config.limits, memory };
  const bill = billOf(usageOfImages({ ...config, limits }, IMAGES, milliseconds));
  return { title: `${name}, ${memory} MB`, milliseconds, bill };
}

function tableOf(invoices: readonly Invoice[]): string {
  const lines = invoices[0]?.bill.lines ?? [];
  const dollars = (amount = 0) => `$${amount.toFixed(2)}`;
  const of = ({ bill }: Invoice, item: string) => bill.lines.find((line) => line.item === item)?.dollars;
  return table(
    ["a million photographs of 12 megapixels", ...invoices.map(({ title }) => title), "basis"],
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

function noteOf(rest: number, [first]: readonly Invoice[]): string {
  return `Prices are those of ${first?.bill.pricesOf}, without free tiers (\`pnpm thumbsmith cost\`). The milliseconds are the sum of the
CPU time of one thumbnail here, from a baseline JPEG to 150 × 150; ${short(rest)} for the SDK, the log and the rest of the function; and ${CALLS} calls
to S3, one after another, assumed to take ${CALL} ms each. We assume that Lambda's vCPU is as fast as a core here; on a slower one, the CPU's share
grows in proportion. More than ${WHOLE_VCPU} MB buys part of a second vCPU, which a single thumbnail does not use. "sharp" and "Pillow" are the same
function with the same calls to S3, so only the making of the picture differs.`;
}
