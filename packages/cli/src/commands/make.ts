import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import { thumbnail, tooManyBytes } from "@thumbsmith/functions";
import { findSources, type Result, ruleFor, type SourceFile, withReason } from "@thumbsmith/local";
import { type Config, configHash, isRejection, outputKey, type Rule } from "@thumbsmith/shared";
import { Semaphore } from "async-mutex";
import type { Command } from "commander";
import { typedConfig } from "../deployment/target.ts";
import { factsOf, Ledger } from "../make/ledger.ts";
import { makeFolder, writeWhole } from "../terminal/files.ts";
import { counted } from "../terminal/print.ts";
import { printable, printableLines } from "../terminal/printable.ts";
import { startProgress } from "../terminal/progress.ts";
import { requireOption } from "../terminal/require-option.ts";
import { table } from "../terminal/results.ts";
import { whereTyped } from "../terminal/where-typed.ts";

interface Options {
  out: string;
  rule?: string;
  config?: string;
  force?: true;
  json?: true;
}

const HELP = `
Skips images whose thumbnails are up to date with the file and the configuration.
Never overwrites a file it did not make.

Exit codes:
  0    all thumbnails are made, or were current
  1    some images were rejected or failed: the table says why
  2    the command could not run
  130  stopped by Ctrl-C; the same command resumes

Examples:
  pnpm thumbsmith make ~/Pictures/2026 holiday.jpg --out thumbnails`;

/** `thumbsmith make`: makes thumbnails of local files, without a bucket. */
export function addMake(program: Command, signal: AbortSignal, exit: (code: number) => void): void {
  const command = program
    .command("make")
    .description("Make thumbnails of local files and folders, without a bucket.")
    .argument("<paths...>", "images, or folders of them");
  requireOption(command, "--out <directory>", "where to put the thumbnails, under their object keys")
    .option("--rule <prefix>", "the rule to use (default: the first)")
    .option("--config <file>", "the configuration (default: thumbsmith.config.ts)")
    .option("--force", "make all thumbnails again, even current ones")
    .option("--json", "print JSON")
    .addHelpText("after", HELP)
    .action(async (paths: string[], options: Options) => exit(await make(paths, options, signal)));
}

async function make(paths: string[], options: Options, signal: AbortSignal): Promise<number> {
  const start = performance.now();
  const from = whereTyped();
  const config = await typedConfig(options);
  const rule = ruleFor(config, options.rule);
  const out = resolve(from, options.out);
  const { sources, skipped } = await findImages(
    paths.map((path) => resolve(from, path)),
    rule,
    out,
  );
  const here = (path: string) => relative(from, path) || ".";
  for (const { path, why } of skipped) console.error(printable(`${here(path)} was skipped: ${why}`));
  if (sources.length === 0) throw new Error("Expected an image among these files, found none.");
  await makeFolder(out).catch((cause: NodeJS.ErrnoException) => {
    const message = `Expected a folder that can be created for --out, found ${cause.code} at ${cause.path}. Choose another.`;
    throw new Error(message, { cause });
  });
  const run = { rule, config, out, ledger: await Ledger.open(out) };

  const work = options.force ? sources : await planOf(sources, run);
  const current = sources.length - work.length;
  console.error(`${counted(sources.length, "image")}: ${work.length} to make, ${current} current.`);
  const results = await makeAll(work, run, signal);

  if (options.json) console.log(printableLines(JSON.stringify(results, null, 2)));
  else if (results.length > 0) console.log(table(results, ({ path }) => here(path)));
  const of = (result: Result["result"]) => results.filter((each) => each.result === result).length;
  const seconds = ((performance.now() - start) / 1_000).toFixed(1);
  const stopped = signal.aborted ? `Stopped after ${results.length} of ${work.length}. ` : "";
  console.error(
    `${stopped}${of("made")} made, ${current} current, ${of("rejected")} rejected, ${of("failed")} failed, in ${seconds} s.`,
  );
  if (signal.aborted) return 130;
  return results.every(({ result }) => result === "made") ? 0 : 1;
}

/** The images at these paths, except those in the output folder: otherwise a second run would make thumbnails of thumbnails. */
function findImages(paths: readonly string[], rule: Rule, out: string) {
  const isOutput = (path: string) => path === out || path.startsWith(out + sep);
  const own = paths.find(isOutput);
  if (own) throw new Error(`Expected images outside the --out folder, found ${own} in it.`);
  return findSources(paths, rule, (path) => (isOutput(path) ? "it is the --out folder" : undefined));
}

/** What all sources of a run share. */
interface Run {
  rule: Rule;
  config: Config;
  ledger: Ledger;
  out: string;
}

/** The sources whose outputs are not current. */
async function planOf(sources: readonly SourceFile[], { rule, ledger }: Run): Promise<SourceFile[]> {
  const work: SourceFile[] = [];
  for (const source of sources) {
    const facts = await factsOf(source.path);
    const isCurrent =
      facts && (await ledger.isCurrent(source.path, facts, configHash(rule), namesOf(rule, source)));
    if (!isCurrent) work.push(source);
  }
  return work;
}

/** Makes as many at a time as there are cores, and starts no more after the signal. */
async function makeAll(sources: readonly SourceFile[], run: Run, signal: AbortSignal): Promise<Result[]> {
  const limit = new Semaphore(availableParallelism());
  const progress = startProgress("Making thumbnails", sources.length);
  const results = await Promise.all(
    sources.map((source) =>
      limit.runExclusive(async () => {
        if (signal.aborted) return [];
        const result = await makeOne(source, run);
        progress.tick();
        return [result];
      }),
    ),
  ).finally(progress.stop);
  return results.flat();
}

async function makeOne(source: SourceFile, run: Run): Promise<Result> {
  const start = performance.now();
  const end = await attempt(source, run).catch((error: unknown) => {
    if (isRejection(error)) return { bytes: 0, ...withReason("rejected", error) };
    const message = error instanceof Error ? error.message : String(error);
    return { bytes: 0, ...withReason("failed", { code: "file", message }) };
  });
  return { ...source, ...end, milliseconds: Math.round(performance.now() - start) };
}

async function attempt(source: SourceFile, { rule, config: { limits }, ledger, out }: Run) {
  const { path } = source;
  const facts = await factsOf(path);
  if (!facts) throw new Error("Expected a file, found that it is gone.");
  if (facts.bytes > limits.bytes) throw tooManyBytes(facts.bytes, limits);
  const keys = rule.variants.map((variant) => outputKey(rule, variant, source.key));
  const made = await thumbnail(await readFile(path), rule, limits);
  const outputs = made.outputs.map((output, i) => ({ ...output, key: keys[i] ?? "" }));
  await ledger.claim(path, facts, configHash(rule), keys);
  for (const output of outputs) await writeWhole(join(out, output.key), output.bytes);
  await ledger.settle(path, facts, configHash(rule), keys);
  return {
    result: "made" as const,
    bytes: facts.bytes,
    source: made.source,
    outputs: outputs.map((output) => ({ ...output, bytes: output.bytes.length })),
  };
}

/** The keys of a source's outputs. Empty if its name cannot be used in them: making it then reports why. */
function namesOf(rule: Rule, { key }: SourceFile): string[] {
  try {
    return rule.variants.map((variant) => outputKey(rule, variant, key));
  } catch {
    return [];
  }
}
