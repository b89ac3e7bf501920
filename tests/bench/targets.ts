import { type Figure, short, table, withSpread } from "./figures.ts";
import { CLASSES } from "./parts/sizes.ts";

/** A figure that we aim for. */
export interface Target {
  what: string;
  /** The part and the name of a figure. */
  figure: string;
  /** The least or the most that its median may be, depending on which is better. */
  goal: number;
  /** Why it is not met: the floor that no code can beat. */
  floor?(median: Median): string;
}

/** By the figure of a part. */
export type Figures = Record<string, Record<string, Figure>>;

type Median = (figure: string) => number;

/** What the ratio would be if our time were the least possible. */
const floorOf = (figure: string, floor: string, what: string) => (median: Median) =>
  `with nothing but ${what}, it would be ${short(median(figure) / median(floor))} ×`;

const decode = (figure: string) =>
  floorOf(figure, figure.replace(/[^/]+$/, "floor"), "libjpeg-turbo's decode of what is needed");

const encoders = (figure: string) =>
  floorOf(figure, figure.replace(/\w+$/, "floor"), "one decode and the encoders");

const FOUR = [
  { megapixels: 24, format: "jpeg", than: "same", goal: 2 },
  { megapixels: 12, format: "jpeg", than: "same", goal: 1.6 },
  { megapixels: 24, format: "webp", than: "sharp", goal: 2.2 },
  { megapixels: 12, format: "webp", than: "sharp", goal: 2.2 },
  { megapixels: 24, format: "avif", than: "sharp", goal: 2.5 },
  { megapixels: 12, format: "avif", than: "sharp", goal: 2.3 },
].map((each) => ({ ...each, name: `variants/${each.megapixels}-${each.format}` }));

const TARGETS: Target[] = [
  ...CLASSES.map(({ name, title }) => ({
    what: `${title}, over sharp`,
    figure: `sizes/${name}-sharp`,
    goal: 1,
    floor: (median: Median) =>
      `sharp itself, with our settings, would be ${short(median(`sizes/${name}-sharp`) / median(`sizes/${name}-same`))} ×`,
  })),
  { what: "the least likeness of these, relative to sharp's", figure: "sizes/likeness", goal: 1 },
  { what: "ten JPEGs, over sharp", figure: "core/sharp", goal: 1.7, floor: decode("core/sharp") },
  { what: "libjpeg-turbo's decode of what is needed of them, over ours", figure: "core/floor", goal: 0.9 },
  ...FOUR.map(({ megapixels, format, than, goal, name }) => ({
    what: `four variants of ${megapixels} MP, ${format}, over sharp ${than === "same" ? "at our settings" : "as in tutorials"}`,
    figure: `${name}-${than}`,
    goal,
    floor: encoders(`${name}-${than}`),
  })),
  ...FOUR.map(({ megapixels, format, name }) => ({
    what: `four variants of ${megapixels} MP, ${format}: likeness, relative to sharp's`,
    figure: `${name}-likeness`,
    goal: 0.999,
    floor: (median: Median) =>
      `with a pipeline for each and our settings, it would be ${median(`${name}-same-likeness`).toFixed(4)}`,
  })),
  {
    what: "the function with S3, over sharp in memory",
    figure: "handler/over-sharp",
    goal: 1.5,
    floor: (median) =>
      `with nothing but our core and the SDK's calls, it would be ${short(median("handler/floor"))} ×`,
  },
  {
    what: "what the function does around a thumbnail",
    figure: "handler/around",
    goal: 16,
    floor: (median) => `just the SDK's calls take ${short(median("handler/calls"))} ms`,
  },
  {
    what: "the first thumbnail stored, over Node 22",
    figure: "cold-start/node-22-first",
    goal: 6,
    floor: (median) => `just loading sharp takes ${short(median("cold-start/node-22-sharp"))} ×`,
  },
  {
    what: "the same, more than Node 22",
    figure: "cold-start/node-22-first-more",
    goal: 150,
    floor: (median) => `just loading sharp takes ${short(median("cold-start/node-22-sharp-more"))} ms`,
  },
  { what: "images a second, over sharp in the same function", figure: "throughput/over-sharp", goal: 1 },
  { what: "HEIC of 12 megapixels, over ImageMagick", figure: "heic/12", goal: 1.3 },
  { what: "HEIC of 48 megapixels, over ImageMagick", figure: "heic/48", goal: 1.3 },
  {
    what: "a backfill that finds all current, over one that finds nothing made",
    figure: "backfill/all-over-none",
    goal: 1.5,
    floor: (median) =>
      `just the SDK's GETs of the manifests take ${short(median("backfill/gets-over-none"))} ×`,
  },
  { what: "peak for 24 megapixels and four variants, over Node", figure: "memory/peak-baseline", goal: 130 },
  { what: "the same, progressive", figure: "memory/peak-progressive", goal: 130 },
  { what: "a warm process after 2,000 images, over itself after 1,000", figure: "memory/growth", goal: 1.05 },
  { what: "a batch of ten of 24 megapixels", figure: "memory/batch", goal: 1_769 },
];

export function tableOfTargets(figures: Figures): string {
  const find = (name: string) => {
    const [part = "", of = ""] = name.split("/");
    return figures[part]?.[of];
  };
  const rows = TARGETS.map(({ what, figure: name, goal, floor }) => {
    const figure = find(name);
    if (!figure) return [what, String(goal), "not measured", ""];
    const { median, unit, better } = figure;
    const isReached = better === "more" ? median >= goal : median <= goal;
    const why = floor ? `: ${floor((each) => find(each)?.median ?? Number.NaN)}` : "";
    const bound = `${better === "more" ? "≥" : "≤"} ${goal} ${unit}`;
    return [what, bound, withSpread(figure, unit), isReached ? "yes" : `no${why}`];
  });
  return table(["target", "goal", "measured", "met"], rows);
}
