import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Graph } from "@thumbsmith/synth";
import { installPlatform, type Options, synthesize } from "@thumbsmith/synth";
import { succeeds } from "./access/call.ts";
import { forbiddenCalls } from "./access/forbidden.ts";
import { forbiddenIdiomCalls, idiomCalls } from "./access/idioms.ts";
import { liveCalls, neededCalls } from "./access/needed.ts";
import { controls, inherited } from "./controls/index.ts";
import { examples } from "./examples.ts";
import { type Mutation, mutations } from "./mutations.ts";
import { collectRefusals } from "./refusals/collect.ts";
import { expectedRefusals } from "./refusals/expected.ts";
import { openFindings } from "./waivers.ts";

const { values, positionals: files } = parseArgs({
  allowPositionals: true,
  // One process's part, from this mutation on.
  options: { share: { type: "string" } },
});
/** Those of the files that are named, or all. */
const chosen = mutations.filter(({ file }) => files.length === 0 || files.includes(file));
if (chosen.length === 0) {
  throw new Error(`Expected a file of tests/infra/mutations.ts, found ${files.join(", ")}.`);
}

/** Mutations to a process: every synthesis leaves its modules in memory. */
const SHARE = 12;

/** The graphs that are looked at, until one notices. */
const views: [Options, (graph: Graph) => string[]][] = [
  [{ stage: "production", region: "us-east-1" }, complaints],
  [{ stage: "kim", dev: true }, complaints],
  [
    { stage: "kim", addition: path.join(import.meta.dirname, "additions/every-kind.ts") },
    complaintsOfAdditions,
  ],
  [{ stage: "kim", addition: path.join(import.meta.dirname, "additions/idioms.ts") }, complaintsOfIdioms],
  [
    { stage: "production", region: "us-east-1", environment: { CDN: "img.example.com" }, addition: examples },
    complaints,
  ],
];

/** The tests that fail on a graph, by name. */
function complaints(graph: Graph): string[] {
  return [
    ...controls.filter((control) => openFindings(control, graph).length > 0).map(({ ids }) => ids.join(" ")),
    ...neededCalls(graph)
      .filter((call) => !succeeds(graph, call))
      .map(({ title }) => `allowed: ${title}`),
    ...liveCalls(graph)
      .filter((call) => succeeds(graph, call) !== graph.data.live)
      .map(({ title }) => `sst dev: ${title}`),
    ...forbiddenCalls(graph)
      .filter((call) => succeeds(graph, call))
      .map(({ title }) => `denied: ${title}`),
  ];
}

function complaintsOfAdditions(graph: Graph): string[] {
  return inherited
    .filter((control) => openFindings(control, graph).length > 0)
    .map(({ ids }) => `added: ${ids.join(" ")}`);
}

function complaintsOfIdioms(graph: Graph): string[] {
  return [
    ...idiomCalls(graph)
      .filter((call) => !succeeds(graph, call))
      .map(({ title }) => `allowed: ${title}`),
    ...forbiddenIdiomCalls(graph)
      .filter((call) => succeeds(graph, call))
      .map(({ title }) => `denied: ${title}`),
  ];
}

async function complaintsAfter(edit?: Options["edit"]): Promise<string[]> {
  for (const [options, look] of views) {
    const found = look(await synthesize({ ...options, edit }));
    if (found.length > 0) return found;
  }
  const messages = await collectRefusals(edit);
  return expectedRefusals
    .filter(({ message }) => !messages.some((found) => message.test(found)))
    .map(({ what }) => `refused: ${what}`);
}

/** Whether a test notices. */
async function isNoticed({ file, from, to }: Mutation): Promise<boolean> {
  let found = false;
  const [first, ...others] = await complaintsAfter((name, source) => {
    if (name !== file) return source;
    found ||= source.includes(from);
    return source.replace(from, () => to);
  });
  if (!found) throw new Error(`${file} does not have the text of a mutation: ${from}`);
  const by = first && `noticed by ${first}${others.length > 0 ? ` and ${others.length} more` : ""}`;
  const short = (text: string) => text.trim().replace(/\s+/g, " ").slice(0, 100);
  console.log(`${by ?? "UNNOTICED"}\n    ${file}: ${short(from)} → ${short(to) || "nothing"}`);
  return first !== undefined;
}

/** One process's share. Its exit code is the number of mutations that no test noticed. */
async function mutateShare(begin: number) {
  if (begin === 0) {
    const before = await complaintsAfter();
    if (before.length > 0) throw new Error(`Something fails without a mutation: ${before.join("; ")}`);
  }
  let unnoticed = 0;
  for (const mutation of chosen.slice(begin, begin + SHARE)) {
    if (!(await isNoticed(mutation))) unnoticed++;
  }
  // Pulumi would complain of what was refused, and exit with a code of its own.
  process.removeAllListeners("exit");
  process.exit(unnoticed);
}

async function mutateAll() {
  installPlatform();
  const begun = performance.now();
  const shares = chosen.map((_, index) => index).filter((index) => index % SHARE === 0);
  let unnoticed = 0;
  const work = async () => {
    for (let begin = shares.shift(); begin !== undefined; begin = shares.shift()) {
      const share = fork(fileURLToPath(import.meta.url), ["--share", String(begin), ...files]);
      const code = await new Promise<number | null>((resolve) => share.on("exit", resolve));
      if (code === null || code > SHARE) process.exit(1);
      unnoticed += code;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const seconds = Math.round((performance.now() - begun) / 1_000);
  console.log(`${chosen.length} mutations, ${unnoticed} unnoticed, ${seconds} s`);
  process.exit(unnoticed);
}

process.on("unhandledRejection", (error) => {
  console.error(error);
  process.exit(100);
});
await (values.share === undefined ? mutateAll() : mutateShare(Number(values.share)));
