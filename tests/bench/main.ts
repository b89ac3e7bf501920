import { Command, Option } from "commander";
import { main } from "../../packages/cli/src/terminal/main.ts";
import { wholeNumber } from "../../packages/cli/src/terminal/numbers.ts";
import { measure, type Part, type Section } from "./bench.ts";
import { regressions } from "./check.ts";
import { backfill } from "./parts/backfill.ts";
import { coldStart } from "./parts/cold-start.ts";
import { core } from "./parts/core.ts";
import { cost } from "./parts/cost.ts";
import { growth } from "./parts/growth.ts";
import { handler } from "./parts/handler.ts";
import { heic } from "./parts/heic.ts";
import { memory } from "./parts/memory.ts";
import { progressive } from "./parts/progressive.ts";
import { sizes } from "./parts/sizes.ts";
import { throughput } from "./parts/throughput.ts";
import { variants } from "./parts/variants.ts";
import { readRecord, record } from "./record.ts";

const PARTS: Part[] = [
  core,
  sizes,
  progressive,
  heic,
  variants,
  handler,
  coldStart,
  memory,
  growth,
  throughput,
  cost,
  backfill,
];
/** The number of pairs that a part's `minutes` assumes. */
const PAIRS = 7;
/** The exit code if a peer is missing, so that the page is incomplete. */
const INCOMPLETE = 3;

interface Options {
  only?: string[];
  pairs: number;
  check?: boolean;
  json?: boolean;
}

const program = new Command("bench")
  .exitOverride()
  .description("Measure Thumbsmith against its peers, and write docs/performance.md.")
  .addOption(
    new Option("--only <part...>", "measure only these parts").choices(PARTS.map(({ name }) => name)),
  )
  .option("--pairs <number>", "runs of each; the tables show the median", wholeNumber, PAIRS)
  .option("--check", "write nothing; exit with 1 if a figure is worse than the recorded one")
  .option("--json", "print JSON")
  .addHelpText(
    "after",
    "\nExit codes: 0 all is well, 1 a regression, 2 it could not measure, 3 a peer is missing.",
  );

await main(async (signal) => {
  program.parse();
  const { only, pairs, check = false, json = false } = program.opts<Options>();
  const parts = PARTS.filter(({ name }) => !only || only.includes(name));
  const minutes = parts.reduce((sum, part) => sum + part.minutes, 0) * Math.max(1, pairs / PAIRS);
  console.error(`About ${Math.ceil(minutes)} minutes on an idle machine; on a busy one, longer.`);
  const before = await readRecord();
  const missing = new Map<string, string>();
  const sections: Record<string, Section> = {};
  for (const part of parts) {
    if (signal.aborted) return 2;
    console.error(`${part.name}…`);
    const section = await measure(part, pairs, missing);
    sections[part.name] = section;
    if (!check) await record(part.name, section, pairs);
    if (!json) console.log(`\n## ${part.name}\n\n${section.text}`);
  }
  const worse = parts.flatMap(({ name }) =>
    regressions(before[name]?.figures ?? {}, sections[name]?.figures ?? {}).map((line) => `${name}: ${line}`),
  );
  if (json) {
    const figures = Object.fromEntries(
      Object.entries(sections).map(([name, { figures }]) => [name, figures]),
    );
    console.log(JSON.stringify({ figures, worse, missing: Object.fromEntries(missing) }, null, 2));
  }
  for (const line of worse) console.error(`Worse than recorded: ${line}`);
  for (const [name, how] of missing)
    console.error(`Not compared with ${name}, which is not installed: ${how}`);
  if (check && worse.length > 0) return 1;
  return missing.size > 0 ? INCOMPLETE : 0;
});
