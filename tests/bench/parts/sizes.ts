import { mean } from "simple-statistics";
import type { Bench, Part } from "../bench.ts";
import { type Figure, likeness, short, table, times, withSpread } from "../figures.ts";
import { likenesses, references } from "../likeness.ts";
import { ratio, spread, type Taken, totals } from "../pairs.ts";
import { COVER, SHARPS, startSharps } from "../peers.ts";
import { type Photograph, resized, turn } from "../photographs.ts";

/** What the web uploads, and what a camera writes. */
export const CLASSES = (["baseline", "progressive"] as const).flatMap((kind) =>
  [0.5, 1, 2, 4, 12].map((megapixels) => ({
    ...{ megapixels, kind, name: `${megapixels}-${kind}` },
    title: `${megapixels} MP, ${kind}`,
  })),
);
export const PHOTOGRAPHS = ["Kleiber", "Dragonfly", "seeding", "picosdeeuropa"];
/** These runs are short, so there can be more of them. */
const TIMES_THE_PAIRS = 2;

type Name = (typeof SHARPS)[number];
type Workers = ReturnType<typeof startSharps>;

/** JPEGs, one size at a time, so that no class of them hides among the others. */
export const sizes: Part = {
  name: "sizes",
  minutes: 1.5,
  async measure(bench) {
    const workers = startSharps(bench);
    const classes: Class[] = [];
    for (const each of CLASSES) classes.push(await measure(bench, workers, each));
    const head = [
      `${PHOTOGRAPHS.length} photographs`,
      ...["sharp over ours", "with our settings", "ours, ms", "sharp, ms", "SSIM, ours", "SSIM, sharp"],
    ];
    return {
      text: [table(head, classes.map(rowOf)), "", NOTE].join("\n"),
      figures: {
        ...Object.fromEntries(classes.flatMap(figuresOf)),
        likeness: likeness(Math.min(...classes.map(({ ssim }) => ssim.thumbsmith / ssim.sharp))),
      },
    };
  },
};

const NOTE = `To 150 × 150, quality 80, from bytes in memory; medians of ${PHOTOGRAPHS.join(", ")}. Milliseconds are of CPU time for one. "sharp"
is as in tutorials; with our settings it leaves out fewer of the pixels of a baseline JPEG while it decodes. SSIM is the likeness to a Lanczos filter over all
pixels. Where sharp's is the same as ours, so is the thumbnail.`;

/** Photographs of one size and kind. */
interface Class {
  name: string;
  title: string;
  cpu: Record<Name, number[]>;
  ssim: Record<Name, number>;
}

async function measure(bench: Bench, workers: Workers, one: (typeof CLASSES)[number]): Promise<Class> {
  const { name, title, megapixels, kind } = one;
  const files: Photograph[] = [];
  for (const of of PHOTOGRAPHS) files.push(await turn(await resized(megapixels, of), kind));
  const request = ({ path }: Photograph) => ({ path, variants: COVER, isInMemory: true });
  const each = <T>(of: (name: Name) => T) =>
    Object.fromEntries(SHARPS.map((name) => [name, of(name)])) as Record<Name, T>;
  const runs = await bench.pair(
    title,
    each((name) => (file: Photograph) => workers[name].ask<Taken>(request(file))),
    files,
    TIMES_THE_PAIRS * bench.pairs,
  );
  const ssim = each(() => [] as number[]);
  for (const file of files) {
    const ideals = await references(file.path, COVER);
    for (const name of SHARPS)
      ssim[name].push(...(await likenesses(bench, workers[name], request(file), ideals)));
  }
  return {
    name,
    title,
    cpu: each((name) => totals(runs[name])),
    ssim: each((name) => mean(ssim[name])),
  };
}

function rowOf({ title, cpu, ssim }: Class): string[] {
  const one = (name: Name) => short(spread(cpu[name]).median / PHOTOGRAPHS.length);
  return [
    title,
    `**${withSpread(ratio(cpu.sharp, cpu.thumbsmith))}**`,
    withSpread(ratio(cpu.same, cpu.thumbsmith)),
    ...[one("thumbsmith"), one("sharp"), ssim.thumbsmith.toFixed(4), ssim.sharp.toFixed(4)],
  ];
}

function figuresOf({ name, cpu }: Class): [string, Figure][] {
  return [
    [`${name}-sharp`, times(ratio(cpu.sharp, cpu.thumbsmith))],
    [`${name}-same`, times(ratio(cpu.same, cpu.thumbsmith))],
  ];
}
