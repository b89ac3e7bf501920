import type { Bench, Part } from "../bench.ts";
import { type Cloud, startCloud } from "../cloud.ts";
import { eventOf } from "../events.ts";
import { short, table, times, withSpread } from "../figures.ts";
import { ON_ONE_CORE, startFresh } from "../fresh.ts";
import { ratio, spread, type Taken, totals } from "../pairs.ts";
import { COVER } from "../peers.ts";
import { type Photograph, resized } from "../photographs.ts";
import { CALL } from "./cost.ts";
import { PHOTOGRAPHS } from "./sizes.ts";

const BATCH = 10;
/** How many photographs of a batch the function works on at a time. */
const IN_HAND = [1, 2, 3, 4];
const CORES = { thumbsmith: "Thumbsmith", sharp: "sharp, as in tutorials" } as const;
type Core = keyof typeof CORES;
const ways = (Object.keys(CORES) as Core[]).flatMap((core) => IN_HAND.map((inHand) => ({ core, inHand })));
const nameOf = (core: Core, inHand: number) => `${core}-${inHand}`;
type Runs = Record<string, Taken[][]>;

/** How fast one function empties a full queue: ours, and the same one with sharp as its core. */
export const throughput: Part = {
  name: "throughput",
  minutes: 1.5,
  async measure(bench) {
    const cloud = await startCloud(bench);
    const files: Photograph[] = [];
    for (const name of PHOTOGRAPHS) files.push(await resized(1, name));
    const runs: Runs = await bench.pair("Throughput", await contenders(bench, cloud, files), [undefined]);
    const wall = (core: Core, inHand: number) => totals(runs[nameOf(core, inHand)] ?? [], "wall");
    const gain = ratio(wall("thumbsmith", 1), wall("thumbsmith", 4));
    return {
      text: [tableOf(runs), "", noteOf(withSpread(gain))].join("\n"),
      figures: {
        "over-sharp": times(ratio(wall("sharp", 4), wall("thumbsmith", 4))),
        "four-in-hand": times(gain),
      },
    };
  },
};

/** Functions that run on one core. Uploading a batch for each is not counted. */
async function contenders(bench: Bench, cloud: Cloud, files: readonly Photograph[]) {
  const variants = COVER.map((variant) => ({ ...variant, prefix: "thumbnails/" }));
  const started = ways.map(async ({ core, inHand }) => {
    const options = { variants, core, inHand, latency: CALL };
    const args = [JSON.stringify(options)];
    const function_ = bench.keep(await startFresh("subscriber", args, cloud.environment, ON_ONE_CORE));
    const run = async () => {
      const keys: string[] = [];
      for (let i = 0; i < BATCH; i++) keys.push(await cloud.upload(files[i % files.length]?.path ?? ""));
      return function_.ask<Taken>(eventOf(keys));
    };
    return [nameOf(core, inHand), run] as const;
  });
  return Object.fromEntries(await Promise.all(started));
}

function tableOf(runs: Runs): string {
  const median = (name: string, of: keyof Taken) => spread(totals(runs[name] ?? [], of)).median;
  const rows = (Object.keys(CORES) as Core[]).map((core) => [
    CORES[core],
    ...IN_HAND.map((inHand) => short((1_000 * BATCH) / median(nameOf(core, inHand), "wall"))),
    short(median(nameOf(core, Math.max(...IN_HAND)), "cpu") / BATCH),
  ]);
  const head = IN_HAND.map((inHand) => `${inHand} in hand`);
  return table(["images a second", ...head, "CPU of one, ms"], rows);
}

function noteOf(gain: string): string {
  return `One function, on one core as Lambda gives it with 1769 MB, and batches of ${BATCH} photographs of 1 megapixel to 150 × 150. "sharp" is the same function with the same calls
to S3, in which only the thumbnail is made by sharp. S3 runs on the other core, and each call waits ${CALL} ms more. "In hand" is how many photographs of a batch
the function works on at a time: it is ${Math.max(...IN_HAND)}, which is ${gain} as fast as one after another, since some wait for S3 while another is decoded.`;
}
