import {
  type Limits,
  type OutputFormat,
  type SourceFormat,
  ThumbsmithError,
  type Variant,
  writtenAs,
} from "@thumbsmith/shared";
import type { Sharp } from "sharp";
import { rgbaToThumbHash } from "thumbhash";
import { inspect, type Wanted } from "./accept.ts";
import { backgroundOf } from "./background.ts";
import { decoder } from "./decode.ts";
import { edited } from "./edit.ts";
import { encode } from "./encode.ts";
import { readFocus } from "./focus.ts";
import { boxOf, type Point, type Size, THUMB_HASH } from "./geometry.ts";
import { type Inspected, isAnimated } from "./header.ts";
import { type Pixels, toPixels } from "./pixels.ts";
import { type Resize, resizeAgain, resized, resizeOf } from "./resize.ts";

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
  /** What was asked for and not done, in sentences. */
  notes?: string[];
}

/**
 * Makes a rule's variants of one image: upright, in sRGB, without metadata. The image is decoded once, at the size of
 * the largest variant; the others are made of that.
 * @throws ThumbsmithError of kind `rejected` when the image is at fault
 * @example const { outputs } = await thumbnail(bytes, config.rules[0], config.limits);
 */
export async function thumbnail(
  bytes: Uint8Array,
  rule: Wanted,
  limits: Limits,
  admit: Admit = (_, decode) => decode(),
): Promise<Thumbnails> {
  const image = await inspect(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), rule, limits);
  const make = () => makeAll(image, rule, limits);
  try {
    return await admit(image.megabytes, make);
  } catch (error) {
    if (!(error instanceof ThumbsmithError && error.code === "too-slow")) throw error;
    // Beside others it may have waited for them. Alone, its slowness is its own.
    return admit(Number.POSITIVE_INFINITY, make);
  }
}

async function makeAll(image: Inspected, rule: Wanted, limits: Limits): Promise<Thumbnails> {
  const { format, width, height } = image;
  const source = decoder(image, limits);
  const still = image.still && !isStraight(image, rule) ? await source.shrunkTo(image.still) : undefined;
  const { focus, note } = focusOf(rule);
  const outputs: Output[] = [];
  for (const variant of rule.variants) outputs.push(await makeOne(variant, { image, source, still, focus }));
  const thumbHash = still && rule.thumbHash && (await source.again(still, hash));
  return {
    source: { format, width, height },
    outputs,
    ...(thumbHash && { thumbHash }),
    ...(note && { notes: [note] }),
  };
}

interface Decoded {
  image: Inspected;
  source: ReturnType<typeof decoder>;
  /** At the size of the largest variant, unless one pipeline makes all. */
  still: Pixels | undefined;
  focus: Point;
}

async function makeOne(variant: Variant, { image, source, still, focus }: Decoded): Promise<Output> {
  const as = writtenAs(image.format, variant.format);
  const draw = (resize: Resize, picture: Size, hasAlpha: boolean) => {
    const background = backgroundOf(variant.background, as, hasAlpha);
    const size = (pipeline: Sharp) => resized(pipeline, { ...resize, background }, picture, focus);
    const end = (pipeline: Sharp) => make(encode(pipeline, as, { ...variant, background }), as);
    return { size, end, whole: (pipeline: Sharp) => end(size(pipeline)) };
  };
  const fromFile = (fastShrinkOnLoad: boolean) =>
    draw({ ...resizeOf(variant, image), fastShrinkOnLoad }, image, image.hasAlpha).whole;
  if (isAnimated(image, variant)) return source.frames(fromFile(false));
  if (!still) return source.straight(boxOf(variant), fromFile);
  const { size, end, whole } = draw(resizeAgain(variant, image), still.raw, isTransparent(still));
  if (!variant.edit) return source.again(still, whole);
  // By way of its pixels: in one pipeline sharp has an order of its own, and an edit may do what comes before a resize.
  const before = await source.again(still, (pipeline) => toPixels(size(pipeline)));
  return source.again(await edited(variant.edit, before, source.secondsLeft()), end);
}

/** What an upload says of its focus is of no interest where no variant asks. */
function focusOf({ variants, focus }: Wanted) {
  return readFocus(variants.some(({ position }) => position === "focus") ? focus : undefined);
}

/**
 * Whether one pipeline makes all there is to make. Its bytes are those that two would make, in up to a tenth less time.
 * Of other formats it could not be told whether they are transparent until they are decoded.
 */
function isStraight({ format }: Inspected, { variants, thumbHash }: Wanted): boolean {
  return format === "jpeg" && variants.length === 1 && !thumbHash && !variants[0]?.edit;
}

/** Whether the samples are grey and alpha, or red, green, blue and alpha. */
function isTransparent({ raw }: Pixels): boolean {
  return raw.channels === 2 || raw.channels === 4;
}

async function make(encoded: Sharp, format: OutputFormat): Promise<Output> {
  const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
  const { width, height, pages, pageHeight } = info;
  const animation = pages && pages > 1 ? { frames: pages } : {};
  return { bytes: data, format, width, height: pageHeight ?? height, ...animation };
}

async function hash(pipeline: Sharp): Promise<string> {
  const { data, info } = await pipeline
    .resize(THUMB_HASH)
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString("base64");
}
