import { readFile, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { thumbnail, tooManyBytes } from "@thumbsmith/functions";
import { findSources, type Result, ruleFor, type SourceFile, withReason } from "@thumbsmith/local";
import {
  type Config,
  describeSuffixes,
  isRejection,
  type Limits,
  outputKey,
  type Rule,
} from "@thumbsmith/shared";
import type { Command } from "commander";
import pLimit from "p-limit";
import { writeWhole } from "../terminal/files.ts";
import { startProgress } from "../terminal/progress.ts";
import { table } from "../terminal/results.ts";
import { whereTyped } from "../terminal/where-typed.ts";

/** `thumbsmith make`: files to files, with no bucket between. */
export function addMake(program: Command, signal: AbortSignal, exit: (code: number) => void): void {
  program
    .command("make")
    .description("Makes the thumbnails of files and folders, as files.")
    .argument("<paths...>", "images, or folders of them")
    .requiredOption("--out <directory>", "where the thumbnails go, under their object keys")
    .option("--rule <prefix>", "the rule to make them by (default: the first)")
    .option("--json", "prints the results as JSON")
    .addHelpText("after", "\nExamples:\n  pnpm thumbsmith make ~/Pictures/2026 holiday.jpg --out thumbnails")
    .action(async (paths: string[], options: { out: string; rule?: string; json?: boolean }) => {
      const { default: config } = await import("../../../../thumbsmith.config.ts");
      const rule = ruleFor(config, options.rule);
      const { sources, skipped } = await findSources(
        paths.map((path) => resolve(whereTyped(), path)),
        rule,
      );
      if (sources.length === 0) throw new Error(`Found no image: ${describeSuffixes(rule)}.`);
      const out = resolve(whereTyped(), options.out);
      const results = await makeAll(sources, rule, config, out, signal);
      console.log(options.json ? JSON.stringify(results, null, 2) : table(results));
      for (const path of skipped) console.error(`${path} was left out: ${describeSuffixes(rule)}`);
      exit(signal.aborted ? 130 : results.every(({ result }) => result === "made") ? 0 : 1);
    });
}

/** As many at once as there are cores; none is begun after the signal. */
async function makeAll(
  sources: readonly SourceFile[],
  rule: Rule,
  config: Config,
  out: string,
  signal: AbortSignal,
): Promise<Result[]> {
  const limit = pLimit(availableParallelism());
  const progress = startProgress("Making thumbnails", sources.length);
  const results = await Promise.all(
    sources.map((source) =>
      limit(async () => {
        if (signal.aborted) return [];
        const result = await make(source, rule, config, out);
        progress.tick();
        return [result];
      }),
    ),
  ).finally(progress.stop);
  return results.flat();
}

async function make({ path, key }: SourceFile, rule: Rule, { limits }: Config, out: string): Promise<Result> {
  const start = performance.now();
  const end = await attempt(path, key, rule, limits, out).catch((error: unknown) => {
    if (isRejection(error)) return withReason("rejected", error);
    const message = error instanceof Error ? error.message : String(error);
    return withReason("failed", { code: "file", message });
  });
  const bytes = end.result === "made" ? end.bytes : 0;
  return { path, key, bytes, ...end, milliseconds: Math.round(performance.now() - start) };
}

async function attempt(path: string, key: string, rule: Rule, limits: Limits, out: string) {
  const { size: bytes } = await stat(path);
  if (bytes > limits.bytes) throw tooManyBytes(bytes, limits);
  const keys = rule.variants.map((variant) => outputKey(rule, variant, key));
  const made = await thumbnail(await readFile(path), rule, limits);
  const outputs = made.outputs.map((output, i) => ({ ...output, key: keys[i] ?? "" }));
  for (const output of outputs) await writeWhole(join(out, output.key), output.bytes);
  return {
    result: "made" as const,
    bytes,
    source: made.source,
    outputs: outputs.map((output) => ({ ...output, bytes: output.bytes.length })),
  };
}
