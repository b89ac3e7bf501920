// Damages files and makes thumbnails in a separate process, so that a crash does not end the test. On file descriptor 3 it
// writes which seed it begins and how it ends, synchronously, so that a crash does not lose any of it.
import { writeSync } from "node:fs";
import { isRejection, type OutputFormat, SOURCE_FORMATS, type Variant } from "@thumbsmith/shared";
import { leaks } from "@thumbsmith/testing/metadata";
import { PIXEL_PARTS, partsOf } from "@thumbsmith/testing/parts";
import { difference, pixelsOf, plain } from "@thumbsmith/testing/pixels";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { thumbnail } from "../../../packages/functions/src/image/thumbnail.ts";
import { makeFiles } from "./files.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

const REPORTS = 3;
/** The number of libuv's threads. */
const SIDE_BY_SIDE = 4;
const SIDE = 24;
/** AVIF is the rarest, because it takes the longest to write, and its encoder only gets pixels. */
const FORMATS = ["jpeg", "jpeg", "png", "png", "webp", "webp", "webp", "avif"] as const;

const [from = 0, to = 0] = process.argv.slice(2).map(Number);
const files = await makeFiles();
const say = (line: object) => writeSync(REPORTS, `${JSON.stringify(line)}\n`);

let next = from;
await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));

async function work() {
  while (next < to) {
    const seed = next++;
    say({ seed });
    const start = performance.now();
    const [end, mixed] = await Promise.all([attempt(seed), sentinel(seed)]);
    say({ seed, ...end, ...mixed, milliseconds: Math.round(performance.now() - start) });
  }
}

/** @returns the result: `made`, or the code of the rejection; and a `fault` if that is wrong */
async function attempt(seed: number): Promise<{ end: string; fault?: string }> {
  const random = new Random(seed);
  const bytes = mutate(random.pick(files), random, random.pick(files));
  const format = random.pick(FORMATS);
  const animated = format === "webp" && random.below(2) === 0;
  const fit = random.pick(["cover", "contain", "inside"]);
  const variant: Partial<Variant> = { width: SIDE, height: SIDE, format, animated, fit };
  try {
    const { outputs } = await thumbnail(
      bytes,
      { ...ruleOf(variant), formats: SOURCE_FORMATS, thumbHash: random.below(4) === 0 },
      limits,
    );
    const faults = await Promise.all(outputs.map((output) => faultOf(output.bytes, format)));
    return { end: "made", fault: faults.find(Boolean) };
  } catch (error) {
    if (isRejection(error)) return { end: error.code };
    return { end: "error", fault: error instanceof Error ? error.message : String(error) };
  }
}

async function faultOf(bytes: Buffer, format: OutputFormat): Promise<string | undefined> {
  const { width, height } = await pixelsOf(bytes);
  if (width > SIDE || height > SIDE) return `${width} × ${height} pixels`;
  const found = await leaks(bytes);
  const strange = partsOf(bytes, format).filter((part) => !PIXEL_PARTS[format].includes(part));
  return [...found, ...strange].join(", ") || undefined;
}

/** Makes an undamaged plain image next to the damaged ones, whose pixels must not get into it. */
async function sentinel(seed: number): Promise<{ fault?: string }> {
  const colour = [seed & 255, (seed >> 8) & 255, (seed * 97) & 255];
  const source = await plain(SIDE, SIDE, colour).png({ compressionLevel: 1 }).toBuffer();
  const { outputs } = await thumbnail(source, ruleOf({ width: SIDE / 2, format: "png" }), limits);
  const { at } = await pixelsOf(outputs[0]?.bytes ?? Buffer.alloc(0));
  const isOwn = [at(0, 0), at(5, 7), at(-1, -1)].every((pixel) => difference(pixel, colour) === 0);
  return isOwn ? {} : { fault: "another image's pixels" };
}
