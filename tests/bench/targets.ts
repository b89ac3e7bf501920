import { type Figure, short, table, withSpread } from "./figures.ts";

/** A figure that we aim for. */
export interface Target {
  what: string;
  /** The part and the name of a figure. */
  figure: string;
  /** The least or the most that its median may be, depending on which is better. */
  goal: number;
  /** Why it is not met: the floor below which nothing can get. */
  floor?(median: (figure: string) => number): string;
}

/** By the figure of a part. */
export type Figures = Record<string, Record<string, Figure>>;

/** What it would be if all of our time were libjpeg-turbo's decode at an eighth. */
const decodeAlone = (name: string) => (median: (figure: string) => number) => {
  const floor = name.replace(/[^/]+$/, "floor");
  return `with nothing but libjpeg-turbo's decode of what is needed, it would be ${short(median(name) / median(floor))} ×`;
};

const sharpAlone = (version: string) => (median: (figure: string) => number) =>
  `sharp alone takes ${short(median(`cold-start/node-${version}-sharp`))} ×`;

const atTheFloor = (name: string) => (median: (figure: string) => number) => {
  const floor = `variants/${name.replace(/\w+$/, "floor")}`;
  return `with nothing but one decode and the encoders, it would be ${short(median(`variants/${name}`) / median(floor))} ×`;
};

const TARGETS: Target[] = [
  {
    what: "ten JPEGs, over naive Pillow",
    figure: "core/pillow-naive",
    goal: 3.5,
    floor: decodeAlone("core/pillow-naive"),
  },
  { what: "ten JPEGs, over jimp", figure: "core/jimp", goal: 30, floor: decodeAlone("core/jimp") },
  { what: "ten JPEGs, over sharp", figure: "core/sharp", goal: 1.7, floor: decodeAlone("core/sharp") },
  {
    what: "ten progressive JPEGs, over sharp, with identical bytes",
    figure: "progressive/sharp",
    goal: 3.3,
    floor: decodeAlone("progressive/sharp"),
  },
  {
    what: "four variants of 24 megapixels, over sharp at our settings",
    figure: "variants/24-jpeg-same",
    goal: 2,
    floor: atTheFloor("24-jpeg-same"),
  },
  {
    what: "four variants of 12 megapixels, over sharp at our settings",
    figure: "variants/12-jpeg-same",
    goal: 1.6,
    floor: atTheFloor("12-jpeg-same"),
  },
  {
    what: "the same in WebP, 24 megapixels, over sharp's defaults",
    figure: "variants/24-webp-sharp",
    goal: 2.5,
    floor: atTheFloor("24-webp-sharp"),
  },
  {
    what: "the same in WebP, 12 megapixels, over sharp's defaults",
    figure: "variants/12-webp-sharp",
    goal: 2.3,
    floor: atTheFloor("12-webp-sharp"),
  },
  {
    what: "the same in AVIF, 24 megapixels, over sharp's defaults",
    figure: "variants/24-avif-sharp",
    goal: 2.5,
    floor: atTheFloor("24-avif-sharp"),
  },
  {
    what: "the same in AVIF, 12 megapixels, over sharp's defaults",
    figure: "variants/12-avif-sharp",
    goal: 2.3,
    floor: atTheFloor("12-avif-sharp"),
  },
  ...["24-jpeg", "12-jpeg", "24-webp", "12-webp", "24-avif", "12-avif"].map((name) => ({
    what: `likeness to the reference, relative to sharp's defaults: ${name.replace("-", " megapixels, ")}`,
    figure: `variants/${name}-likeness`,
    goal: 0.999,
  })),
  { what: "the function with S3, over sharp in memory", figure: "handler/over-sharp", goal: 1.05 },
  {
    what: "the package imported, Node 22",
    figure: "cold-start/node-22-import",
    goal: 2.3,
    floor: sharpAlone("22"),
  },
  {
    what: "the first thumbnail stored, Node 22",
    figure: "cold-start/node-22-first",
    goal: 2.9,
    floor: sharpAlone("22"),
  },
  {
    what: "the package imported, Node 20",
    figure: "cold-start/node-20-import",
    goal: 2.3,
    floor: sharpAlone("20"),
  },
  {
    what: "the first thumbnail stored, Node 20",
    figure: "cold-start/node-20-first",
    goal: 2.9,
    floor: sharpAlone("20"),
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
