import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BUCKETS, type FoundFiles, findSources, ruleFor, runOnce } from "@thumbsmith/local";
import type { Rule } from "@thumbsmith/shared";
import type { Command } from "commander";
import { writeContactSheet } from "../demo/contact-sheet.ts";
import { typedConfig } from "../deployment/target.ts";
import { printable, printableLines } from "../terminal/printable.ts";
import { startProgress } from "../terminal/progress.ts";
import { table } from "../terminal/results.ts";
import { whereTyped } from "../terminal/where-typed.ts";

const SAMPLES = fileURLToPath(new URL("../../../../samples", import.meta.url));

/** `thumbsmith demo`: one run of the whole pipeline on this machine. */
export function addDemo(program: Command, signal: AbortSignal, exit: (code: number) => void): void {
  program
    .command("demo")
    .description(
      "Run the whole pipeline once on this machine: a local S3, its events, a queue, and the Lambda handler.",
    )
    .argument("[paths...]", "images, or folders of them (default: the sample photos)")
    .option("--directory <path>", "where to put the buckets and the contact sheet", ".thumbsmith/demo")
    .option("--config <file>", "the configuration (default: thumbsmith.config.ts)")
    .option("--rule <prefix>", "use only this rule (default: every rule)")
    .option("--json", "print JSON")
    .action(async (paths: string[], options: Options) => exit(await demo(paths, options, signal)));
}

interface Options {
  directory: string;
  config?: string;
  rule?: string;
  json?: boolean;
}

async function demo(paths: string[], options: Options, signal: AbortSignal): Promise<number> {
  const config = await typedConfig(options);
  const from = whereTyped();
  const here = (path: string) => relative(from, path) || ".";
  const rules = options.rule ? [ruleFor(config, options.rule)] : config.rules;
  const named = paths.map((path) => resolve(from, path));
  const { sources, skipped } = await findForEach(named.length > 0 ? named : [SAMPLES], rules);
  const [first] = skipped;
  if (sources.length === 0) {
    throw new Error(
      `Expected an image, found ${first ? `${here(first.path)}: ${first.why}` : "an empty folder"}.`,
    );
  }

  const home = resolve(from, options.directory);
  await clear(home);
  const progress = startProgress("Making thumbnails", sources.length);
  const sheet = join(home, "contact-sheet.html");
  const results = await runOnce(sources, config, home, signal, progress.tick, (made, read) =>
    writeContactSheet(sheet, made, read, config),
  ).finally(progress.stop);

  if (options.json) console.log(printableLines(JSON.stringify(results, null, 2)));
  else {
    console.log(`${table(results)}\n`);
    for (const { path, why } of named.length > 0 ? skipped : [])
      console.log(printable(`${here(path)} was skipped: ${why}`));
    console.log(`Contact sheet  ${here(sheet)}`);
    console.log(`Uploads        ${here(join(home, BUCKETS.uploads))}`);
    console.log(`Thumbnails     ${here(join(home, BUCKETS.thumbnails))}`);
  }
  if (signal.aborted) return 130;
  return results.some(({ result }) => result === "failed") ? 1 : 0;
}

/** Each file once per rule that accepts it. Skips a file only if no rule accepts it. */
async function findForEach(paths: readonly string[], rules: readonly Rule[]): Promise<FoundFiles> {
  const found = await Promise.all(rules.map((rule) => findSources(paths, rule)));
  // A folder may share its name with an inner rule's prefix. Then two files have one key, and the last one wins.
  const sources = new Map(found.flatMap((each) => each.sources).map((source) => [source.key, source]));
  const taken = new Set([...sources.values()].map(({ path }) => path));
  const skipped = new Map(found.flatMap((each) => each.skipped).map((each) => [each.path, each]));
  return {
    sources: [...sources.values()],
    skipped: [...skipped.values()].filter(({ path }) => !taken.has(path)),
  };
}

/** A demo starts empty. It refuses to delete folders that no demo made: they may be the user's. */
async function clear(home: string): Promise<void> {
  const folders = Object.values(BUCKETS).map((bucket) => join(home, bucket));
  const state = join(home, ".s3");
  const strange = folders.find((folder) => existsSync(folder) && !existsSync(state));
  if (strange)
    throw new Error(`${strange} was not made by a demo, and would be deleted. Choose another --directory.`);
  for (const folder of [...folders, state]) await rm(folder, { recursive: true, force: true });
}
