import { limits } from "@thumbsmith/testing/rule";
import { startProgress } from "../../../packages/cli/src/terminal/progress.ts";
import type { Bench, Part } from "../bench.ts";
import { startCloud } from "../cloud.ts";
import { eventOf } from "../events.ts";
import { type Figure, megabytes, table, times, withSpread } from "../figures.ts";
import { inFresh, type Occupied, startFresh } from "../fresh.ts";
import { spread } from "../pairs.ts";
import { COVER } from "../peers.ts";
import { photographs, resized, turn } from "../photographs.ts";
import { lines } from "../plots.ts";
import { FOUR } from "./variants.ts";

const IMAGES = 2_000;
/** After this many images, a process has allocated what it keeps. */
const SETTLED = 500;
/** Bytes: with larger files, 2,000 images would take too long. */
const LARGE = 4_000_000;
const BATCH = 10;
/** The memory of a batch depends on which photographs are decoded together, so it is the median of this many. */
const BATCHES = 3;
const WAYS = { thumbsmith: "Thumbsmith", sharp: "sharp, as in tutorials" } as const;
type Way = keyof typeof WAYS;
const argsOf = (way: Way) => (way === "sharp" ? ["tutorial"] : []);
const jpegs = FOUR.map((variant) => ({ ...variant, format: "jpeg" }));

export const memory: Part = {
  name: "memory",
  minutes: 4,
  async measure(bench) {
    const peaks = await peakOfOne(bench);
    const warm = await stayWarm(bench);
    const batch = await takeBatch(bench);
    return {
      text: [peaks.text, "", warm.text, "", batch.text].join("\n"),
      figures: { ...peaks.figures, ...warm.figures, batch: megabytes(batch.peak) },
      plots: { "warm-memory": warm.plot },
    };
  },
};

/** The peak memory of a fresh process for one photograph, without the SDK. */
async function peakOfOne(bench: Bench) {
  const baseline = await resized(24);
  const files = [baseline, await turn(baseline, "progressive")];
  const peak =
    (name: string, args: string[]) =>
    async ({ path }: { path: string }) =>
      (await inFresh(name, args, { path, variants: jpegs })).peak;
  const runs = await bench.pair<"bare" | Way, { path: string }, number>(
    "Peaks",
    { bare: peak("bare", []), thumbsmith: peak("thumbsmith", []), sharp: peak("sharp", argsOf("sharp")) },
    files,
  );
  const figures: Record<string, Figure> = {};
  const rows = files.flatMap(({ isProgressive }, i) =>
    (Object.keys(WAYS) as Way[]).map((way) => {
      const kind = isProgressive ? "progressive" : "baseline";
      const over = spread(runs[way].map((round, r) => (round[i] ?? 0) - (runs.bare[r]?.[i] ?? 0)));
      if (way === "thumbsmith") figures[`peak-${kind}`] = megabytes(over);
      return [`${kind}: ${WAYS[way]}`, withSpread(over, "MB")];
    }),
  );
  const bare = spread(runs.bare.flat()).median.toFixed(0);
  const head = ["24 megapixels, four JPEGs", `peak, over Node's ${bare} MB`];
  return { text: table(head, rows), figures };
}

/** One process for all photographs, to see whether its memory grows. */
async function stayWarm(bench: Bench) {
  const files = (await photographs()).filter(({ bytes }) => bytes < LARGE);
  const bar = startProgress("A warm process", 2 * IMAGES);
  const series = await Promise.all(
    (Object.keys(WAYS) as Way[]).map(async (way) => {
      const worker = bench.keep(await startFresh(way, argsOf(way)));
      const points: [number, number][] = [];
      for (let i = 1; i <= IMAGES; i++) {
        const { now } = await worker.ask<Occupied>({ path: files[i % files.length]?.path, variants: COVER });
        if (i % 20 === 0) points.push([i, now]);
        bar.tick();
      }
      return { way, name: WAYS[way], points };
    }),
  );
  bar.stop();
  const between = (points: [number, number][], from: number, to: number) =>
    spread(points.filter(([i]) => i > from && i <= to).map(([, value]) => value)).median;
  const rows = series.map(({ name, points }) => [
    name,
    ...[SETTLED, IMAGES].map((to) => `${between(points, to - SETTLED, to).toFixed(0)} MB`),
  ]);
  const ours = series[0]?.points ?? [];
  const growth = between(ours, IMAGES - SETTLED, IMAGES) / between(ours, SETTLED, 2 * SETTLED);
  return {
    text: table(["a warm process, median of", "images 1 to 500", "images 1,501 to 2,000"], rows),
    plot: lines({ x: "images", y: "MB in use", series }),
    figures: { growth: times(spread([growth]), "less") },
  };
}

/** The largest batch of large photographs, through the function. */
async function takeBatch(bench: Bench) {
  const cloud = await startCloud(bench);
  const baseline = await resized(24);
  const files = [baseline, await turn(baseline, "progressive")];
  const variants = FOUR.map((variant, i) => ({ ...variant, prefix: `variant-${i}/` }));
  const taken: Occupied[] = [];
  for (let round = 0; round < BATCHES; round++) {
    const function_ = await startFresh("subscriber", [JSON.stringify({ variants })], cloud.environment);
    const keys: string[] = [];
    for (let i = 0; i < BATCH; i++) keys.push(await cloud.upload(files[i % files.length]?.path ?? ""));
    taken.push(await function_.ask<Occupied>(eventOf(keys)));
    await function_.stop();
  }
  const peak = spread(taken.map(({ peak }) => peak));
  const wall = spread(taken.map(({ wall }) => wall)).median;
  return {
    peak,
    text: `A batch of ${BATCH} photographs of 24 megapixels, half of them progressive, four variants of each, takes the function
${withSpread(peak, "MB")} of its ${limits.memory} at most, the SDK included, and ${(wall / 1_000).toFixed(1)} s.`,
  };
}
