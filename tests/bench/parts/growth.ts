import type { Bench, Part } from "../bench.ts";
import { short, table } from "../figures.ts";
import { inFresh } from "../fresh.ts";
import { spread } from "../pairs.ts";
import { COVER } from "../peers.ts";
import { type Photograph, resized, turn } from "../photographs.ts";
import { lines } from "../plots.ts";

const MEGAPIXELS = [1, 3, 6, 12, 24, 50, 100];
const SIDES = [1280, 640, 320, 150, 960, 480, 240, 800];
const COUNTS = [1, 2, 3, 4, 6, 8];
/** Curves need no pairs: each point is the median of this many rounds, each with this many warm runs. */
const ROUNDS = 3;
const WARM = 2;
const PLAIN = "sharp";

/** What one photograph takes: milliseconds of CPU time, and megabytes at the peak. */
interface Cost {
  cpu: number;
  peak: number;
}

export const growth: Part = {
  name: "growth",
  minutes: 3,
  async measure(bench) {
    const sizes = await overMegapixels(bench);
    const counts = await overVariants(bench);
    return {
      text: [sizes.table, "", counts.table, "", NOTE].join("\n"),
      figures: {},
      plots: {
        "megapixels-time": lines({ x: "megapixels", y: "CPU, ms", series: sizes.of("cpu") }),
        "megapixels-memory": lines({ x: "megapixels", y: "peak memory, MB", series: sizes.of("peak") }),
        "variants-time": lines({ x: "variants", y: "CPU, ms", series: counts.of("cpu"), ticks: COUNTS }),
        "variants-memory": lines({
          x: "variants",
          y: "peak memory, MB",
          series: counts.of("peak"),
          ticks: COUNTS,
        }),
      },
    };
  },
};

const NOTE = `One photograph at several sizes, to 150 × 150; and 24 megapixels, baseline, to JPEGs within squares of
${SIDES.join(", ")} pixels, in this order; by Thumbsmith, and by sharp as in tutorials. CPU time is that of a warm process; memory is the peak of a fresh one, Node included.`;

async function overMegapixels(bench: Bench) {
  const baseline: Photograph[] = [];
  for (const megapixels of MEGAPIXELS) baseline.push(await resized(megapixels));
  const progressive: Photograph[] = [];
  for (const photograph of baseline) progressive.push(await turn(photograph, "progressive"));
  const take = (name: string, files: Photograph[]) => (i: number) => measure(name, files[i]?.path, COVER);
  const runs = await bench.pair<string, number, Cost>(
    "Megapixels",
    {
      "Thumbsmith, baseline": take("thumbsmith", baseline),
      "Thumbsmith, progressive": take("thumbsmith", progressive),
      [`${PLAIN}, baseline`]: take("sharp", baseline),
      [`${PLAIN}, progressive`]: take("sharp", progressive),
    },
    [...MEGAPIXELS.keys()],
    ROUNDS,
  );
  return curves("megapixels", MEGAPIXELS, runs);
}

async function overVariants(bench: Bench) {
  const { path } = await resized(24);
  const boxes = SIDES.map((side) => ({ width: side, height: side, fit: "inside", format: "jpeg" }));
  const take = (name: string) => (count: number) => measure(name, path, boxes.slice(0, count));
  const runs = await bench.pair<string, number, Cost>(
    "Variants",
    { Thumbsmith: take("thumbsmith"), [PLAIN]: take("sharp") },
    COUNTS,
    ROUNDS,
  );
  return curves("variants", COUNTS, runs);
}

async function measure(name: string, path: string | undefined, variants: object[]): Promise<Cost> {
  const { peak, warm } = await inFresh(name, name === "sharp" ? ["tutorial"] : [], { path, variants }, WARM);
  return { peak, cpu: spread(warm.map(({ cpu }) => cpu)).median };
}

/** For each contender, what it took at each x: as lines, and as a table. */
function curves(unit: string, xs: readonly number[], runs: Record<string, Cost[][]>) {
  const names = Object.keys(runs);
  const at = (name: string, i: number, of: keyof Cost) =>
    spread((runs[name] ?? []).map((round) => round[i]?.[of] ?? Number.NaN)).median;
  const cell = (name: string, i: number) =>
    `${short(at(name, i, "cpu"))} ms, ${short(at(name, i, "peak"))} MB`;
  return {
    table: table(
      [unit, ...names],
      xs.map((x, i) => [x, ...names.map((name) => cell(name, i))]),
    ),
    of: (of: keyof Cost) =>
      names.map((name) => ({ name, points: xs.map((x, i): [number, number] => [x, at(name, i, of)]) })),
  };
}
