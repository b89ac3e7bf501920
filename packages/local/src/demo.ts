import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { BUCKETS } from "./buckets.ts";
import { writeContactSheet } from "./contact-sheet.ts";
import { main } from "./main.ts";
import { runOnce } from "./run.ts";
import { findSources, ruleFor, skipReason } from "./sources.ts";
import { table } from "./summary.ts";
import { whereTyped } from "./where-typed.ts";

const SAMPLES = fileURLToPath(new URL("../../../samples", import.meta.url));

await main(async (signal) => {
  const program = new Command("demo")
    .exitOverride()
    .description(
      "Makes thumbnails on this machine: a local S3, its events, a queue, and the handler for Lambda.",
    )
    .argument("[paths...]", "photos, or folders of them (default: the sample photos)")
    .option("--directory <path>", "where the buckets and the contact sheet go", ".thumbsmith/demo")
    .option("--json", "print the results as JSON")
    .parse();
  const { directory, json } = program.opts<{ directory: string; json?: boolean }>();
  const { default: config } = await import("../../../thumbsmith.config.ts");
  const rule = ruleFor(config);
  const { sources, skipped } = await findSources(program.args.length ? program.args : [SAMPLES], rule);
  const [first = "nothing"] = skipped;
  if (sources.length === 0) throw new Error(`Expected a photo, found ${first}: ${skipReason(rule)}`);

  const from = whereTyped();
  const home = resolve(from, directory);
  await clear(home);
  const results = await runOnce(sources, config, home, signal);
  const sheet = await writeContactSheet(home, results, config);

  const here = (path: string) => relative(from, path) || ".";
  if (json) console.log(JSON.stringify(results, null, 2));
  else {
    console.log(`${table(results)}\n`);
    const named = program.args.length > 0 ? skipped : [];
    for (const path of named) console.log(`${here(path)} was left out: ${skipReason(rule)}`);
    console.log(`Contact sheet  ${here(sheet)}`);
    console.log(`Uploads        ${here(join(home, BUCKETS.uploads))}`);
    console.log(`Thumbnails     ${here(join(home, BUCKETS.thumbnails))}`);
  }
  if (signal.aborted) return 130;
  return results.some(({ result }) => result === "failed") ? 1 : 0;
});

/** A demo begins empty. Folders that no demo has made are somebody's, and stay. */
async function clear(home: string): Promise<void> {
  const folders = Object.values(BUCKETS).map((bucket) => join(home, bucket));
  const state = join(home, ".s3");
  const strange = folders.find((folder) => existsSync(folder) && !existsSync(state));
  if (strange) throw new Error(`${strange} was not made by a demo. Name another --directory.`);
  for (const folder of [...folders, state]) await rm(folder, { recursive: true, force: true });
}
