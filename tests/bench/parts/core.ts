import type { Bench, Part } from "../bench.ts";
import { short, table, times, withSpread } from "../figures.ts";
import { ratio, type Spread, spread, type Taken, totals } from "../pairs.ts";
import { findPeers, type Peer } from "../peers.ts";
import { type Photograph, photographs, pixel } from "../photographs.ts";
import { bars } from "../plots.ts";
import { floors } from "./progressive.ts";

/** Ten JPEGs to 150 × 150, quality 80, by ours and by all peers. */
export const core: Part = {
  name: "core",
  minutes: 5,
  async measure(bench) {
    const files = await photographs();
    const peers = [...(await findPeers(bench)), ...(await theFloor(bench, files))];
    const runs = await bench.pair("Ten photographs", waysOf(peers), files);
    const starts = await bench.pair("Starts", waysOf(peers.filter(({ isCommand }) => isCommand)), [
      { path: await pixel() },
    ]);
    const results = peers.map((peer) => ({
      ...peer,
      ...compare(runs[peer.name] ?? [], starts[peer.name] ?? [], runs.thumbsmith ?? [], files),
    }));
    return {
      text: [tableOf(results), "", NOTE, "", tableOfFiles(files)].join("\n"),
      figures: Object.fromEntries(results.slice(1).map(({ name, ratios }) => [name, times(ratios.all)])),
      plots: { core: plotOf(results) },
    };
  },
};

/** libjpeg-turbo's own decode of only what is needed. The time to start it is already subtracted. */
async function theFloor(bench: Bench, files: readonly Photograph[]): Promise<Peer[]> {
  const { floor } = await floors(bench, files);
  const title = "the floor: `djpeg -scale 1/8`";
  return floor ? [{ name: "floor", title, isCommand: false, make: (path) => floor({ path }) }] : [];
}

const NOTE = `Milliseconds are of CPU time, of all ten together. The ratio is a peer's over ours, the median of the pairs with its
quartiles in brackets. Libraries stay loaded. Commands are started once per photograph; the time
that takes ("to start", measured with a picture of one pixel) is subtracted. The floor only decodes: it neither resizes nor encodes.`;

function waysOf(peers: readonly Peer[]) {
  return Object.fromEntries(
    peers.map(({ name, make }) => [name, ({ path }: { path: string }) => make(path)]),
  );
}

interface Result {
  title: string;
  isCommand: boolean;
  /** Milliseconds of all files, without the start, and those of one start. */
  cpu: number;
  wall: number;
  start: number;
  ratios: Record<"all" | "baseline" | "progressive", Spread>;
}

function compare(
  runs: Taken[][],
  starts: Taken[][],
  ours: Taken[][],
  files: readonly Photograph[],
): Omit<Result, "title" | "isCommand"> {
  const start = starts.length > 0 ? spread(totals(starts)).median : 0;
  const wallStart = starts.length > 0 ? spread(totals(starts, "wall")).median : 0;
  const net = runs.map((round) =>
    round.map(({ cpu, wall }) => ({ cpu: cpu - start, wall: wall - wallStart })),
  );
  const of = (isWanted: (file: Photograph) => boolean) => {
    const pick = (rounds: Taken[][]) =>
      rounds.map((round) => round.filter((_, i) => files[i] && isWanted(files[i])));
    return ratio(totals(pick(net)), totals(pick(ours)));
  };
  return {
    start,
    cpu: spread(totals(net)).median,
    wall: spread(totals(net, "wall")).median,
    ratios: {
      all: of(() => true),
      baseline: of(({ isProgressive }) => !isProgressive),
      progressive: of(({ isProgressive }) => isProgressive),
    },
  };
}

function plotOf(results: readonly Result[]): string {
  const values = results.map(({ title, ratios }, i) => ({ title, ratio: i === 0 ? 1 : ratios.all.median }));
  return bars(
    "CPU time of ten thumbnails, over ours",
    values
      .sort((a, b) => a.ratio - b.ratio)
      .map(({ title, ratio }) => ({
        name: title.replaceAll("`", ""),
        value: ratio,
        text: `${short(ratio)} ×`,
      })),
    "Thumbsmith",
  );
}

function tableOf(results: readonly Result[]): string {
  return table(
    ["ten photographs", "all ten", "baseline", "progressive", "CPU, ms", "by the clock, ms", "to start, ms"],
    results.map(({ title, isCommand, cpu, wall, start, ratios }, i) => [
      title,
      i === 0 ? "1" : `**${withSpread(ratios.all)}**`,
      i === 0 ? "1" : withSpread(ratios.baseline),
      i === 0 ? "1" : withSpread(ratios.progressive),
      short(cpu),
      short(wall),
      isCommand ? `10 × ${short(start)}` : "",
    ]),
  );
}

function tableOfFiles(files: readonly Photograph[]): string {
  return table(
    ["photograph", "megapixels", "MB", "kind"],
    files.map(({ name, megapixels, bytes, isProgressive, isTurned }) => [
      name,
      megapixels.toFixed(1),
      (bytes / 1e6).toFixed(1),
      `${isProgressive ? "progressive" : "baseline"}${isTurned ? ", by jpegtran" : ""}`,
    ]),
  );
}
