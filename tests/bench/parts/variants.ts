import { mean } from "simple-statistics";
import type { Rgb } from "../../checks/quality/ssim.ts";
import type { Bench, Part } from "../bench.ts";
import { type Figure, likeness, short, table, times, withSpread } from "../figures.ts";
import { type Box, likenesses, references } from "../likeness.ts";
import { ratio, spread, type Taken, totals } from "../pairs.ts";
import { SHARPS, startSharps } from "../peers.ts";
import { type Photograph, photographs, resized, turn } from "../photographs.ts";
import { startScript, type Worker } from "../worker.ts";

/** What a site makes from an upload: one for lists, and three widths for pages. */
export const FOUR: Box[] = [
  { width: 150, height: 150, fit: "cover" },
  ...[320, 640, 1280].map((side): Box => ({ width: side, height: side, fit: "inside" })),
];
const FORMATS = ["jpeg", "webp", "avif"] as const;
const NAMES = [...SHARPS, "floor"] as const;
type Name = (typeof NAMES)[number];
const TITLES: Record<Name, string> = {
  thumbsmith: "Thumbsmith",
  same: "sharp, four pipelines, our settings",
  sharp: "sharp, four pipelines, its defaults",
  floor: "our settings, one decode and the encoders",
};

/** Four variants of one photograph: ours decodes it once. */
export const variants: Part = {
  name: "variants",
  minutes: 3,
  async measure(bench) {
    const floor = bench.keep(startScript("sharp", ["floor"]));
    const workers = { ...startSharps(bench), floor };
    const races: Race[] = [];
    for (const photograph of await twoSizes()) {
      const ideals = await references(photograph.path, FOUR);
      for (const format of FORMATS) races.push(await race(bench, workers, photograph, format, ideals));
    }
    const head = ["four variants", "over ours", "CPU, ms", ...FOUR.map(({ width }) => `SSIM, ${width}`)];
    return {
      text: [table(head, races.flatMap(rowsOf)), "", NOTE].join("\n"),
      figures: Object.fromEntries(races.flatMap(figuresOf)),
    };
  },
};

/** One photograph in one format. */
interface Race {
  megapixels: number;
  format: string;
  /** Milliseconds of each round. */
  cpu: Record<Name, number[]>;
  /** The likeness of each variant to the reference. */
  ssim: Partial<Record<Name, number[]>>;
}

function rowsOf({ megapixels, format, cpu, ssim }: Race): string[][] {
  return NAMES.map((name) => [
    `${megapixels} MP, ${format}: ${TITLES[name]}`,
    name === "thumbsmith" ? "1" : `**${withSpread(ratio(cpu[name], cpu.thumbsmith))}**`,
    short(spread(cpu[name]).median),
    ...FOUR.map((_, i) => ssim[name]?.[i]?.toFixed(4) ?? ""),
  ]);
}

function figuresOf({ megapixels, format, cpu, ssim }: Race): [string, Figure][] {
  const id = `${megapixels}-${format}`;
  const alike = (name: Name) => likeness(mean(ssim[name] ?? []) / mean(ssim.sharp ?? []));
  return [
    [`${id}-same`, times(ratio(cpu.same, cpu.thumbsmith))],
    [`${id}-sharp`, times(ratio(cpu.sharp, cpu.thumbsmith))],
    [`${id}-floor`, times(ratio(cpu.floor, cpu.thumbsmith))],
    [`${id}-likeness`, alike("thumbsmith")],
    [`${id}-same-likeness`, alike("same")],
  ];
}

const NOTE = `150 × 150 is cropped, the others are whole within a square of their width. SSIM is the likeness, after encoding, to a
Lanczos filter over all pixels in floating point (\`tests/checks/quality/ssim.ts\`). "Our settings" are our encoders' quality and
effort; "its defaults" are what \`sharp(file).resize().webp()\` does. The floor is one decode to
the largest of the four plus the encoders, without resizing for the other three.`;

/** As phones and cameras write them: baseline. */
async function twoSizes(): Promise<Photograph[]> {
  const twelve = (await photographs()).find(({ name }) => name === "sunset");
  if (!twelve) throw new Error("The photograph of 12 megapixels is not among the ten.");
  return [await resized(24), await turn(twelve, "baseline")];
}

async function race(
  bench: Bench,
  workers: Record<Name, Worker>,
  photograph: Photograph,
  format: string,
  ideals: readonly Rgb[],
): Promise<Race> {
  const { name, path, megapixels } = photograph;
  const request = { path, variants: FOUR.map((variant) => ({ ...variant, format })) };
  const make = (worker: Worker) => () => worker.ask<Taken>(request);
  const { thumbsmith, same, sharp, floor } = workers;
  const runs = await bench.pair(
    `${name}, ${format}`,
    { thumbsmith: make(thumbsmith), same: make(same), sharp: make(sharp), floor: make(floor) },
    [path],
  );
  const cpu = (of: Name) => totals(runs[of]);
  const liken = (worker: Worker) => likenesses(bench, worker, request, ideals);
  return {
    megapixels: Math.round(megapixels),
    format,
    cpu: { thumbsmith: cpu("thumbsmith"), same: cpu("same"), sharp: cpu("sharp"), floor: cpu("floor") },
    ssim: { thumbsmith: await liken(thumbsmith), same: await liken(same), sharp: await liken(sharp) },
  };
}
