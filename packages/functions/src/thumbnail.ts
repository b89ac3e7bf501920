import {
  type Limits,
  type OutputFormat,
  type Rule,
  type SourceFormat,
  ThumbsmithError,
  type Variant,
  writtenAs,
} from "@thumbsmith/shared";
import type { Sharp } from "sharp";
import { rgbaToThumbHash } from "thumbhash";
import { encode } from "./encode.ts";
import { boxOf, corrupt, type Inspected, inspect, isAnimated } from "./inspect.ts";
import { forAnEighth } from "./progressive.ts";
import { sharp } from "./sharp.ts";

/**
 * Where to bring what has 16 bits before its profile is applied. Left to itself, sharp brings it to Display P3 and
 * writes that without a profile, or, if grey, looks at no profile.
 */
const EIGHT_BITS: Record<string, "srgb" | "b-w"> = { rgb16: "srgb", grey16: "b-w" };
/** sharp decodes at an eighth of the size from 16 times the target on. The rest is for what it rounds. */
const SHRINK_FOR_AN_EIGHTH = 17;
/** A side of a few pixels keeps it from that. */
const LEAST_SIDE_FOR_AN_EIGHTH = 100;
/** A ThumbHash is made of no larger picture. */
const THUMB_HASH_SIDE = 100;

/** Lets a decode begin when the megabytes that it takes are free; all of them, when it asks for more. */
export type Admit = <T>(megabytes: number, decode: () => Promise<T>) => Promise<T>;

/** A variant's picture. */
export interface Output {
  bytes: Buffer;
  format: OutputFormat;
  width: number;
  height: number;
  /** Of an animation; a still has none. */
  frames?: number;
}

/** What the bytes of a source turned out to be: width and height as seen, after its orientation is applied. */
export interface SourceImage {
  format: SourceFormat;
  width: number;
  height: number;
}

export interface Thumbnails {
  source: SourceImage;
  /** One for each variant, in the rule's order. */
  outputs: Output[];
  /** In base64, where the rule asks for it. */
  thumbHash?: string;
}

/** Of a rule, what decides how pictures are made. */
type Wanted = Pick<Rule, "formats" | "variants"> & Partial<Pick<Rule, "thumbHash">>;

/**
 * Makes a rule's variants of one image: upright, in sRGB, without metadata.
 * @throws ThumbsmithError of kind `rejected` when the image is at fault
 * @example const { outputs } = await thumbnail(bytes, config.rules[0], config.limits);
 */
export async function thumbnail(
  bytes: Uint8Array,
  rule: Wanted,
  limits: Limits,
  admit: Admit = (_, decode) => decode(),
): Promise<Thumbnails> {
  const image = await inspect(bytes, rule, limits);
  const make = () => makeAll(bytes, image, rule, limits);
  try {
    return await admit(image.megabytes, make);
  } catch (error) {
    if (!(error instanceof ThumbsmithError && error.code === "too-slow")) throw error;
    // Beside others it may have waited for them. Alone, its slowness is its own.
    return admit(Number.POSITIVE_INFINITY, make);
  }
}

async function makeAll(
  bytes: Uint8Array,
  image: Inspected,
  rule: Wanted,
  { pixels, seconds }: Limits,
): Promise<Thumbnails> {
  const { format, width, height } = image;
  const eightBits = EIGHT_BITS[image.space];
  const open = (animated = false, input = bytes) => {
    const opened = sharp(input, {
      animated,
      autoOrient: true,
      limitInputPixels: pixels,
      // "warning" would refuse photos that Samsung's phones get slightly wrong: https://github.com/lovell/sharp/issues/1578
      failOn: "error",
    });
    return eightBits ? opened.pipelineColourspace(eightBits) : opened;
  };
  const deadline = performance.now() + seconds * 1_000;
  const run = <T>(animated: boolean, finish: (pipeline: Sharp) => Promise<T>, input = bytes) =>
    finishBy(deadline, open(animated, input), finish).catch(async (error: unknown) => {
      if (error instanceof ThumbsmithError) throw error;
      // Whose fault it is, the image tells: one that decodes on its own is not the one to blame.
      throw (await decodes(open(animated))) ? error : corrupt(format, error);
    });

  let eighth: Uint8Array | undefined;
  const inputFor = (variant: Variant) => {
    if (!isReadAtAnEighth(variant, image)) return bytes;
    eighth ??= forAnEighth(bytes);
    return eighth;
  };
  const outputs: Output[] = [];
  for (const variant of rule.variants) {
    const as = writtenAs(format, variant.format);
    const finish = (pipeline: Sharp) => make(pipeline, as, variant);
    outputs.push(await run(isAnimated(image, variant), finish, inputFor(variant)));
  }
  const thumbHash = rule.thumbHash ? await run(false, hash) : undefined;
  return { source: { format, width, height }, outputs, ...(thumbHash && { thumbHash }) };
}

/** Of a JPEG that is this much larger than its variant, sharp decodes an eighth of the size. */
function isReadAtAnEighth(variant: Variant, { format, width, height }: Inspected): boolean {
  const box = boxOf(variant);
  const [across, down] = [width / box.width, height / box.height];
  const shrink = variant.fit === "cover" ? Math.min(across, down) : Math.max(across, down);
  const isEnough = shrink >= SHRINK_FOR_AN_EIGHTH && Math.min(width, height) >= LEAST_SIDE_FOR_AN_EIGHTH;
  return format === "jpeg" && isEnough;
}

async function finishBy<T>(deadline: number, pipeline: Sharp, finish: (pipeline: Sharp) => Promise<T>) {
  const left = Math.ceil((deadline - performance.now()) / 1_000);
  try {
    if (left > 0) return await finish(pipeline.timeout({ seconds: left }));
  } catch (error) {
    // sharp says by its message alone that it stopped for the time.
    if (performance.now() < deadline) throw error;
  }
  throw new ThumbsmithError("too-slow", "Expected an image that is made within `limits.seconds`.");
}

async function make(pipeline: Sharp, format: OutputFormat, variant: Variant): Promise<Output> {
  const { position, withoutEnlargement, background } = variant;
  const resized = pipeline.resize({
    ...boxOf(variant),
    position,
    withoutEnlargement,
    background,
    // A fifth faster, and up to 2 % less like the original: docs/quality.md.
    fastShrinkOnLoad: false,
  });
  const { data, info } = await encode(resized, format, variant).toBuffer({ resolveWithObject: true });
  const { width, height, pages, pageHeight } = info;
  const animation = pages && pages > 1 ? { frames: pages } : {};
  return { bytes: data, format, width, height: pageHeight ?? height, ...animation };
}

async function hash(pipeline: Sharp): Promise<string> {
  const { data, info } = await pipeline
    .resize({ width: THUMB_HASH_SIDE, height: THUMB_HASH_SIDE, fit: "inside" })
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString("base64");
}

/** At a single pixel, for which no encoder, no box and no memory can be to blame. */
function decodes(image: Sharp): Promise<boolean> {
  return image
    .resize(1, 1, { fit: "fill" })
    .raw()
    .toBuffer()
    .then(
      () => true,
      () => false,
    );
}
