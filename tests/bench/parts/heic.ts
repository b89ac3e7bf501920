import { join } from "node:path";
import type { Bench, Part, Ran } from "../bench.ts";
import { type Figure, megabytes, short, table, times, withSpread } from "../figures.ts";
import type { Occupied } from "../fresh.ts";
import { ratio, spread, type Taken, totals } from "../pairs.ts";
import { COVER, CROP } from "../peers.ts";
import { asHeic, type Photograph, pixel, resized } from "../photographs.ts";
import type { Tool } from "../tools.ts";
import { startScript } from "../worker.ts";

/** The sizes that iPhones write. */
const MEGAPIXELS = [12, 48];

/** HEIC, which sharp does not decode: ours with libheif as WebAssembly, ImageMagick with Debian's own. */
export const heic: Part = {
  name: "heic",
  minutes: 2,
  async measure(bench) {
    const imagemagick = await bench.find("imagemagick");
    const libheif = await bench.find("heif-enc");
    if (!imagemagick || !libheif) return { text: "Not measured.", figures: {} };
    const races: Race[] = [];
    for (const megapixels of MEGAPIXELS)
      races.push(await race(bench, imagemagick, await asHeic(await resized(megapixels))));
    const head = [
      ...["HEIC", "ours over ImageMagick's", "ours, CPU, ms", "ImageMagick, CPU, ms"],
      ...["by the clock, ms", "by the clock, ms", "peak, ours over idle", "peak, ImageMagick"],
    ];
    return {
      text: [table(head, races.map(rowOf)), "", noteOf(imagemagick, libheif)].join("\n"),
      figures: Object.fromEntries(races.flatMap(figuresOf)),
    };
  },
};

interface Race {
  photograph: Photograph;
  ours: Taken[][];
  imagemagick: Ran[][];
  /** Megabytes that our process takes for its first HEIC, on top of what it used before. */
  peak: number;
}

async function race(bench: Bench, { path: program }: Tool, photograph: Photograph): Promise<Race> {
  const worker = bench.keep(startScript("thumbsmith"));
  const { now } = await worker.ask<Occupied>({ path: await pixel(), variants: COVER });
  const { peak } = await worker.ask<Occupied>({ path: photograph.path, variants: COVER });
  const to = join(bench.folder, "heic.jpg");
  const runs = await bench.pair<"ours" | "imagemagick", Photograph, Taken>(
    `HEIC, ${photograph.name}`,
    {
      ours: ({ path }) => worker.ask<Taken>({ path, variants: COVER }),
      imagemagick: ({ path }) => bench.run([program, path, "-auto-orient", ...CROP, to]),
    },
    [photograph],
  );
  return { photograph, peak: peak - now, ours: runs.ours, imagemagick: runs.imagemagick as Ran[][] };
}

const over = ({ ours, imagemagick }: Race) => ratio(totals(ours), totals(imagemagick));

function rowOf(race: Race): string[] {
  const { photograph, ours, imagemagick, peak } = race;
  const median = (runs: Taken[][], of?: "wall") => short(spread(totals(runs, of)).median);
  return [
    `${photograph.megapixels.toFixed(0)} megapixels, ${(photograph.bytes / 1e6).toFixed(1)} MB`,
    `**${withSpread(over(race))}**`,
    ...[median(ours), median(imagemagick), median(ours, "wall"), median(imagemagick, "wall")],
    ...[peak, spread(imagemagick.flat().map(({ peak }) => peak)).median].map((each) => `${short(each)} MB`),
  ];
}

function figuresOf(race: Race): [string, Figure][] {
  const name = race.photograph.megapixels.toFixed(0);
  return [
    [name, times(over(race), "less")],
    [`${name}-peak`, megabytes(spread([race.peak]))],
  ];
}

function noteOf(imagemagick: Tool, libheif: Tool): string {
  return `To a JPEG of 150 × 150, quality 80, from tiles of 512 × 512. Ours is a warm process, which loads the decoder for each photograph. ImageMagick is
\`convert\` ${imagemagick.version} with libheif ${libheif.version}, native and started for each photograph, which takes some 10 ms.`;
}
