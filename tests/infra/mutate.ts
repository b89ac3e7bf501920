import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Graph } from "@thumbsmith/synth";
import { installPlatform, type Options, synthesize } from "@thumbsmith/synth";
import { succeeds } from "./access/call.ts";
import { forbiddenCalls } from "./access/forbidden.ts";
import { forbiddenIdiomCalls, idiomCalls } from "./access/idioms.ts";
import { liveCalls, neededCalls } from "./access/needed.ts";
import { controls, inherited } from "./controls/index.ts";
import { examples, theirs } from "./examples.ts";
import { type Mutation, mutations } from "./mutations.ts";
import { collectRefusals } from "./refusals/collect.ts";
import { expectedRefusals } from "./refusals/expected.ts";
import { openFindings } from "./waivers.ts";

const { values, positionals: files } = parseArgs({
  allowPositionals: true,
  // The part of one process: its first mutation, and the one after its last.
  options: { share: { type: "string" } },
});
/** The mutations of the files that are named, by default all. */
const chosen = mutations.filter(({ file }) => files.length === 0 || files.includes(file));
if (chosen.length === 0) {
  throw new Error(`Expected a file of tests/infra/mutations.ts, found ${files.join(", ")}.`);
}

/** Mutations per process: every synthesis leaves its modules in memory. */
const SHARE = 12;

/** The graphs that are checked until one notices the mutation. The one with the most resources comes first. */
const views: [Options, (graph: Graph) => string[]][] = [
  [
    { stage: "production", region: "us-east-1", environment: { CDN: "img.example.com" }, addition: examples },
    complaints,
  ],
  [{ stage: "kim", dev: true }, complaints],
  [
    { stage: "kim", addition: path.join(import.meta.dirname, "additions/every-kind.ts") },
    complaintsOfAdditions,
  ],
  [{ stage: "kim", addition: path.join(import.meta.dirname, "additions/idioms.ts") }, complaintsOfIdioms],
  [theirs, complaints],
  [{ stage: "production", region: "us-east-1" }, complaints],
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
  for (const [options, complaintsIn] of views) {
    const found = complaintsIn(await synthesize({ ...options, edit }));
    if (found.length > 0) return found;
  }
  const messages = await collectRefusals(edit);
  return expectedRefusals
    .filter(({ message }) => !messages.some((found) => message.test(found)))
    .map(({ what }) => `refused: ${what}`);
}

/** The tests that fail on a mutation, by name. */
function complaintsOf({ file, from, to }: Mutation): Promise<string[]> {
  let found = false;
  const edit = (name: string, source: string) => {
    if (name !== file) return source;
    found ||= source.includes(from);
    return source.replace(from, () => to);
  };
  return complaintsAfter(edit).finally(() => {
    if (!found) throw new Error(`${file} does not have the text of a mutation: ${from}`);
  });
}

function describe({ file, from, to }: Mutation, [first, ...others]: string[]): string {
  const by = first && `noticed by ${first}${others.length > 0 ? ` and ${others.length} more` : ""}`;
  const short = (text: string) => text.trim().replace(/\s+/g, " ").slice(0, 100);
  return `${by ?? "UNNOTICED"}\n    ${file}: ${short(from)} → ${short(to) || "nothing"}`;
}

/** A mutation may make Pulumi wait forever for something that SST no longer makes. A test would time out there. */
const STUCK = "a deployment that does not end";

/** The share of one process. It reports whether each mutation was noticed, and stops after one that does not end. */
async function mutateShare(begin: number, end: number) {
  // Pulumi captures a stack trace for each output. Mapping these to sources would take a quarter of the time.
  process.setSourceMapsEnabled(false);
  if (begin === 0) {
    const before = await complaintsAfter();
    if (before.length > 0) throw new Error(`Something fails without a mutation: ${before.join("; ")}`);
  }
  for (const mutation of chosen.slice(begin, end)) {
    const complaints = await Promise.race([complaintsOf(mutation), setTimeout(60_000, [STUCK])]);
    console.log(describe(mutation, complaints));
    await new Promise((sent) => process.send?.(complaints.length > 0, sent));
    if (complaints[0] === STUCK) break;
  }
  // Pulumi would report what was refused, and exit with its own code.
  process.removeAllListeners("exit");
  process.exit();
}

/** Runs a share in a process. @returns whether each mutation was noticed */
async function shareOut(begin: number, end: number): Promise<boolean[]> {
  const share = fork(fileURLToPath(import.meta.url), ["--share", `${begin},${end}`, ...files]);
  const told: boolean[] = [];
  share.on("message", (noticed: boolean) => told.push(noticed));
  const [code] = await once(share, "exit");
  if (code !== 0 || told.length === 0) process.exit(1);
  return told;
}

async function mutateAll() {
  installPlatform();
  const begun = performance.now();
  const shares = chosen.map((_, index) => index).filter((index) => index % SHARE === 0);
  let unnoticed = 0;
  const work = async () => {
    for (let begin = shares.shift(); begin !== undefined; begin = shares.shift()) {
      const end = Math.min(begin + SHARE, chosen.length);
      for (let next = begin; next < end; ) {
        const told = await shareOut(next, end);
        unnoticed += told.filter((noticed) => !noticed).length;
        next += told.length;
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const seconds = Math.round((performance.now() - begun) / 1_000);
  console.log(`${chosen.length} mutations, ${unnoticed} unnoticed, ${seconds} s`);
  process.exit(unnoticed > 0 ? 1 : 0);
}

process.on("unhandledRejection", (error) => {
  console.error(error);
  process.exit(100);
});
const [begin, end] = values.share?.split(",").map(Number) ?? [];
await (begin === undefined || end === undefined ? mutateAll() : mutateShare(begin, end));
