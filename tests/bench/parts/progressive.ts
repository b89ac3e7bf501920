import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { forAnEighth } from "../../../packages/functions/src/image/bytes/jpeg-dc-only.ts";
import type { Bench, Part } from "../bench.ts";
import { short, table, times, withSpread } from "../figures.ts";
import { ratio, spread, type Taken, totals } from "../pairs.ts";
import { COVER, startSharps } from "../peers.ts";
import { type Photograph, photographs, pixel, turn } from "../photographs.ts";
import type { Worker } from "../worker.ts";

type Runs = Partial<Record<string, Taken[][]>>;

const TITLES = {
  thumbsmith: "Thumbsmith",
  same: "sharp, with our settings",
  sharp: "sharp, as in tutorials",
  djpeg: "`djpeg -scale 1/8`",
  floor: "`djpeg -scale 1/8` of the shortened file",
};

/** The same ten photographs, all of them progressive: sharp decodes every scan, ours only those that it needs. */
export const progressive: Part = {
  name: "progressive",
  minutes: 1,
  async measure(bench) {
    const files = await Promise.all((await photographs()).map((file) => turn(file, "progressive")));
    const { thumbsmith, same, sharp } = startSharps(bench);
    const make = (worker: Worker) => (file: Photograph) =>
      worker.ask<Taken>({ path: file.path, variants: COVER });
    const runs: Runs = await bench.pair<string, Photograph>(
      "Progressive",
      {
        ...{ thumbsmith: make(thumbsmith), same: make(same), sharp: make(sharp) },
        ...(await floors(bench, files)),
      },
      files,
    );
    const identical = await countIdentical(bench, thumbsmith, same, files);
    const ratios = Object.keys(runs).map((name) => [name, over(runs, name)] as const);
    return {
      text: [tableOf(runs), "", noteOf(identical, files.length), "", tableOfFiles(files, runs)].join("\n"),
      figures: Object.fromEntries(ratios.slice(1).map(([name, spread]) => [name, times(spread)])),
    };
  },
};

const over = (runs: Runs, name: string) => ratio(totals(runs[name] ?? []), totals(runs.thumbsmith ?? []));

function tableOf(runs: Runs): string {
  const rows = Object.entries(TITLES).flatMap(([name, title]) => {
    const cpu = runs[name] && short(spread(totals(runs[name])).median);
    return cpu ? [[title, name === "thumbsmith" ? "1" : `**${withSpread(over(runs, name))}**`, cpu]] : [];
  });
  return table(["ten photographs, all progressive", "over ours", "CPU, ms"], rows);
}

function noteOf(identical: number, all: number): string {
  return `Our thumbnails of ${identical} of the ${all} have the same bytes as those of sharp with our settings. \`djpeg\` only decodes and writes
the pixels; the time to start it is subtracted. The last line is the floor: libjpeg-turbo decodes only what is needed.
The more bits a file has per pixel, the more can be skipped. If a photograph is too small to be decoded at an eighth for
its thumbnail, all of its scans are read, and nothing is gained.`;
}

function tableOfFiles(files: readonly Photograph[], { same = [], thumbsmith = [] }: Runs): string {
  const of = (runs: Taken[][], i: number) => runs.map((round) => round[i]?.cpu ?? Number.NaN);
  return table(
    ["photograph", "megapixels", "bits per pixel", "sharp, with our settings, over ours"],
    files.map(({ name, megapixels, bytes }, i) => [
      name,
      megapixels.toFixed(1),
      ((8 * bytes) / 1e6 / megapixels).toFixed(1),
      withSpread(ratio(of(same, i), of(thumbsmith, i))),
    ]),
  );
}

/** libjpeg-turbo's own decode, of the whole file and of the shortened one. */
export async function floors(
  bench: Bench,
  files: readonly Photograph[],
): Promise<Record<string, (file: { path: string }) => Promise<Taken>>> {
  const djpeg = await bench.find("djpeg");
  if (!djpeg) return {};
  const shortened = new Map<string, string>();
  for (const [i, { path }] of files.entries()) {
    shortened.set(path, join(bench.folder, `${i}.jpg`));
    await writeFile(join(bench.folder, `${i}.jpg`), forAnEighth(await readFile(path)));
  }
  const decode = (path: string) =>
    bench.run([djpeg.path, "-scale", "1/8", "-outfile", join(bench.folder, "pixels"), path]);
  const tiny = await pixel();
  const starts: number[] = [];
  for (let i = 0; i < bench.pairs; i++) starts.push((await decode(tiny)).cpu);
  const start = spread(starts).median;
  const withoutStart = async (path: string) => {
    const { cpu, wall } = await decode(path);
    return { cpu: cpu - start, wall };
  };
  return {
    djpeg: ({ path }) => withoutStart(path),
    floor: ({ path }) => withoutStart(shortened.get(path) ?? path),
  };
}

async function countIdentical(bench: Bench, ours: Worker, same: Worker, files: readonly Photograph[]) {
  let identical = 0;
  for (const { path } of files) {
    const [one, two] = [join(bench.folder, "ours"), join(bench.folder, "same")];
    await ours.ask({ path, variants: COVER, keep: one });
    await same.ask({ path, variants: COVER, keep: two });
    if ((await readFile(`${one}-0`)).equals(await readFile(`${two}-0`))) identical++;
  }
  return identical;
}
