import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { artefact } from "../artefact.ts";
import type { Bench, Part, Ran } from "../bench.ts";
import { type Cloud, startCloud } from "../cloud.ts";
import { eventOf } from "../events.ts";
import { type Figure, milliseconds, short, table, times, withSpread } from "../figures.ts";
import { ratio, spread, type Taken, totals } from "../pairs.ts";
import { overTls } from "../tls.ts";

const RUNTIMES = ["22", "20"] as const;
const STAGES = ["bare", "sharp", "import", "first"] as const;
type Stage = (typeof STAGES)[number];
const TITLES: Record<Stage, string> = {
  bare: "only Node",
  sharp: "sharp loaded",
  import: "our package imported",
  first: "the first thumbnail stored",
};
/** These runs are short, so there can be more of them. */
const TIMES_THE_PAIRS = 3;
const script = fileURLToPath(new URL("../peers/cold-start.mjs", import.meta.url));
/** 6 megapixels. */
const photograph = fileURLToPath(new URL("../../../samples/mountain-sunset-baseline.jpg", import.meta.url));

/** Fresh processes, from the package that SST ships. */
export const coldStart: Part = {
  name: "cold-start",
  minutes: 1,
  async measure(bench) {
    const bundle = pathToFileURL(join(await artefact(), "bundle.mjs")).href;
    const plain = await startCloud(bench);
    const cloud = { ...plain, environment: await overTls(bench, plain) };
    const installed = await bench.installed();
    const figures: Record<string, Figure> = {};
    const rows: string[][] = [];
    for (const version of installed ? RUNTIMES : []) {
      const node = join(dirname(installed ?? ""), `node_modules/node-${version}/bin/node`);
      const runs = await race(bench, cloud, node, bundle);
      for (const stage of STAGES) {
        const { cpu, wall, more } = over(runs[stage], runs.bare);
        if (stage !== "bare") {
          figures[`node-${version}-${stage}`] = times(cpu, "less");
          figures[`node-${version}-${stage}-more`] = milliseconds(more);
        }
        rows.push([
          `Node ${version}: ${TITLES[stage]}`,
          stage === "bare" ? "1" : `**${withSpread(cpu)}**`,
          stage === "bare" ? "1" : withSpread(wall),
          short(spread(totals(runs[stage])).median),
          short(spread(totals(runs[stage], "wall")).median),
        ]);
      }
    }
    const head = [
      "a fresh process",
      "CPU, over Node",
      "by the clock, over Node",
      "CPU, ms",
      "by the clock, ms",
    ];
    return { text: [table(head, rows), "", NOTE].join("\n"), figures };
  },
};

const NOTE = `From the start of the process to the answer to the first PUT of a thumbnail, of a photograph of 6 megapixels, over TLS. On Lambda,
fetching and unpacking the package comes on top.`;

function race(bench: Bench, cloud: Cloud, node: string, bundle: string) {
  const environment = { ...cloud.environment, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
  const start = (...args: string[]) => bench.run([node, script, ...args], environment);
  return bench.pair<Stage, undefined, Ran>(
    "Fresh processes",
    {
      bare: () => start("bare"),
      sharp: () => start("sharp"),
      import: () => start("import", bundle),
      first: async () => start("first", bundle, JSON.stringify(eventOf([await cloud.upload(photograph)]))),
    },
    [undefined],
    bench.pairs * TIMES_THE_PAIRS,
  );
}

function over(runs: Taken[][], bare: Taken[][]) {
  const [cpu, bareCpu] = [totals(runs), totals(bare)];
  return {
    cpu: ratio(cpu, bareCpu),
    more: spread(cpu.map((value, i) => value - (bareCpu[i] ?? 0))),
    wall: ratio(totals(runs, "wall"), totals(bare, "wall")),
  };
}
