import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Variant } from "@thumbsmith/shared";
import sharp from "sharp";
import { mean } from "simple-statistics";
import { lanczos, type Rgb, ssim } from "../../checks/quality/ssim.ts";
import type { Bench, Part } from "../bench.ts";
import { type Figure, rounded, short, table, times, withSpread } from "../figures.ts";
import { ratio, spread, type Taken, totals } from "../pairs.ts";
import { SHARPS, startSharps } from "../peers.ts";
import { enlarged, type Photograph, photographs, turn } from "../photographs.ts";
import { startScript, type Worker } from "../worker.ts";

type Wanted = Pick<Variant, "width" | "height" | "fit">;

/** What a site makes of an upload: one for lists, and three widths for pages. */
export const FOUR: Wanted[] = [
  { width: 150, height: 150, fit: "cover" },
  ...[320, 640, 1280].map((side): Wanted => ({ width: side, height: side, fit: "inside" })),
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
      const ideals = await references(photograph);
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
  /** Of each round. */
  cpu: Record<Name, number[]>;
  /** To the reference, of each variant. */
  likeness: Partial<Record<Name, number[]>>;
}

function rowsOf({ megapixels, format, cpu, likeness }: Race): string[][] {
  return NAMES.map((name) => [
    `${megapixels} MP, ${format}: ${TITLES[name]}`,
    name === "thumbsmith" ? "1" : `**${withSpread(ratio(cpu[name], cpu.thumbsmith))}**`,
    short(spread(cpu[name]).median),
    ...FOUR.map((_, i) => likeness[name]?.[i]?.toFixed(4) ?? ""),
  ]);
}

function figuresOf({ megapixels, format, cpu, likeness }: Race): [string, Figure][] {
  const id = `${megapixels}-${format}`;
  const alike = mean(likeness.thumbsmith ?? []) / mean(likeness.sharp ?? []);
  return [
    [`${id}-same`, times(ratio(cpu.same, cpu.thumbsmith))],
    [`${id}-sharp`, times(ratio(cpu.sharp, cpu.thumbsmith))],
    [`${id}-floor`, times(ratio(cpu.floor, cpu.thumbsmith))],
    [`${id}-likeness`, { ...rounded(spread([alike])), unit: "of the SSIM", better: "more" }],
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
  return [await enlarged(24), await turn(twelve, "baseline")];
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
    likeness: { thumbsmith: await liken(thumbsmith), same: await liken(same), sharp: await liken(sharp) },
  };
}

async function references({ path }: Photograph): Promise<Rgb[]> {
  const source = await pixels(path);
  return FOUR.map(({ width = 1, height = 1, fit }) => {
    const scale = (fit === "cover" ? Math.max : Math.min)(width / source.width, height / source.height);
    const resized = lanczos(source, Math.round(source.width * scale), Math.round(source.height * scale));
    return fit === "cover" ? cropped(resized, width, height) : resized;
  });
}

/** The middle, as libvips finds it. */
function cropped(image: Rgb, width: number, height: number): Rgb {
  const left = Math.floor((image.width - width + 1) / 2);
  const top = Math.floor((image.height - height + 1) / 2);
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const start = 3 * ((top + y) * image.width + left);
    data.set(image.data.subarray(start, start + 3 * width), 3 * y * width);
  }
  return { data, width, height };
}

async function likenesses(bench: Bench, worker: Worker, request: object, ideals: readonly Rgb[]) {
  const keep = join(bench.folder, "kept");
  await worker.ask({ ...request, keep });
  return Promise.all(ideals.map(async (ideal, i) => ssim(await pixels(`${keep}-${i}`), ideal)));
}

async function pixels(path: string): Promise<Rgb> {
  const image = sharp(await readFile(path), { limitInputPixels: false }).removeAlpha();
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
