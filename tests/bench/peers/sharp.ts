// sharp as its users write it: a pipeline for each variant, one after the other. The argument says how.
//   tutorial  the encoder's defaults, and sharp's
//   same      our encoder's settings, and our filter's
//   floor     our encoder's settings: a decode to the last variant's size, and the encoders, with no resize for the others
import type { OutputFormat, Variant } from "@thumbsmith/shared";
import sharp, { type OutputInfo, type Sharp } from "sharp";
import { encode } from "../../../packages/functions/src/image/encode.ts";
import { type Request, serve } from "./serve.ts";

type Wanted = Pick<Variant, "width" | "height" | "fit" | "quality"> & { format: OutputFormat };
type Way = (file: Buffer, variants: Wanted[], path: string) => Sharp[] | Promise<Sharp[]>;

const background = "#ffffff";
const open = (file: Buffer) => sharp(file, { limitInputPixels: false, autoOrient: true });
const pixelsOf = (file: Buffer, { width, height, fit }: Wanted) =>
  open(file).resize({ width, height, fit }).raw().toBuffer({ resolveWithObject: true });
const resized = new Map<string, { data: Buffer; info: OutputInfo }[]>();

const WAYS: Record<string, Way> = {
  tutorial: (file, variants) =>
    variants.map(({ width, height, fit, format, quality }) =>
      sharp(file, { limitInputPixels: false }).resize(width, height, { fit }).toFormat(format, { quality }),
    ),

  same: (file, variants) =>
    variants.map(({ width, height, fit, format, quality }) => {
      const box = { width, height, fit, withoutEnlargement: true, fastShrinkOnLoad: false };
      return encode(open(file).resize(box), format, { quality, background });
    }),

  async floor(file, variants, path) {
    const known = resized.get(path) ?? (await Promise.all(variants.map((each) => pixelsOf(file, each))));
    resized.set(path, known);
    for (const last of variants.slice(-1)) await pixelsOf(file, last);
    return variants.flatMap(({ format, quality }, i) => {
      const pixels = known[i];
      return pixels
        ? [encode(sharp(pixels.data, { raw: pixels.info }), format, { quality, background })]
        : [];
    });
  },
};
const way = WAYS[process.argv[2] ?? ""];
if (!way) throw new Error(`Expected one of ${Object.keys(WAYS).join(", ")}.`);

await serve<Request & { variants: Wanted[] }>(async (file, { path, variants }) => {
  const outputs: Buffer[] = [];
  for (const pipeline of await way(file, variants, path)) outputs.push(await pipeline.toBuffer());
  return outputs;
});
