import { short, table } from "./figures.ts";
import type { Figures } from "./targets.ts";

/** The names of the peers, by the figure that compares them with ours. */
const PEERS = {
  sharp: "sharp",
  vipsthumbnail: "vipsthumbnail",
  "pillow-naive": "Pillow",
  imagemagick: "ImageMagick",
  jimp: "jimp",
};

/** The answers that readers look for first: how fast, against what, how much memory, how much money. */
export function summaryOf(figures: Figures): string {
  const value = (part: string, name: string) => {
    const figure = figures[part]?.[name];
    return figure ? short(figure.median) : "?";
  };
  const times = (part: string, name: string) => `${value(part, name)} ×`;
  return table(
    ["", "Thumbsmith", "others"],
    [
      [
        "CPU time of one thumbnail, over ten photographs",
        "1",
        Object.entries(PEERS)
          .map(([name, title]) => `${title} ${times("core", name)}`)
          .join(", "),
      ],
      [
        "the same, of 2 megapixels",
        "1",
        `sharp ${times("sizes", "2-baseline-sharp")} from a baseline JPEG, ${times("sizes", "2-progressive-sharp")} from a progressive one`,
      ],
      [
        "CPU time of four sizes of one photograph of 24 megapixels",
        "1",
        `sharp ${times("variants", "24-jpeg-sharp")} to JPEG, ${times("variants", "24-webp-sharp")} to WebP, ${times("variants", "24-avif-sharp")} to AVIF`,
      ],
      [
        "memory for those four, on top of Node",
        `${value("memory", "peak-baseline")} MB; ${value("memory", "peak-progressive")} MB from a progressive JPEG`,
        "",
      ],
      ["memory for a batch of ten such photographs", `${value("memory", "batch")} MB of 1769`, ""],
      [
        "first thumbnail of a new process",
        `${times("cold-start", "node-22-first")} the start of Node`,
        `loading sharp: ${times("cold-start", "node-22-sharp")}`,
      ],
      [
        "one million photographs in a month, without what an idle stage costs",
        `${value("cost", "million-12")} dollars of 12 megapixels, ${value("cost", "million-2")} of 2`,
        "",
      ],
    ],
  );
}
