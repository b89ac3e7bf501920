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

/** Starts a decode when the megabytes that it takes are free. If it asks for more than there are, it gets all of them. */
export type Admit = <T>(megabytes: number, decode: () => Promise<T>) => Promise<T>;

/** The thumbnail of one variant. */
export interface Output {
  bytes: Buffer;
  format: OutputFormat;
  width: number;
  height: number;
  /** Only for an animation. */
  frames?: number;
}

/** The format and size of a source, by its bytes. Width and height are as displayed, after its orientation is applied. */
export interface SourceImage {
  format: SourceFormat;
  width: number;
  height: number;
}

export interface Thumbnails {
  source: SourceImage;
  /** One for each variant, in the rule's order. */
  outputs: Output[];
  /** Base64, if the rule asks for it. */
  thumbHash?: string;
  /** Sentences about what was asked for and not done. */
  notes?: string[];
}

/**
 * Makes a rule's variants of one image: upright, in sRGB, without metadata. The image is decoded once, at the size of
 * the largest variant; the others are made from that.
 * @throws ThumbsmithError of kind `rejected` if the image is at fault, or `edit-failed`
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
    // It may only have been slow because of other images. With all the memory to itself, only it is to blame.
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
  /** The image at the size of the largest variant, unless a single pipeline makes the output. */
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
  // Two pipelines: sharp has a fixed order of operations, so those of an edit could run before the resize.
  const before = await source.again(still, (pipeline) => toPixels(size(pipeline)));
  return source.again(await edited(variant.edit, before, source.secondsLeft()), end);
}

/** The focus is only read, and a mistake in it only noted, if a variant uses it. */
function focusOf({ variants, focus }: Wanted) {
  return readFocus(variants.some(({ position }) => position === "focus") ? focus : undefined);
}

/**
 * Whether a single pipeline makes the only output. It makes the same bytes as two would, in up to a tenth less time. It is
 * used for JPEGs only, because other formats may turn out to be transparent once they are decoded.
 */
function isStraight({ format }: Inspected, { variants, thumbHash }: Wanted): boolean {
  return format === "jpeg" && variants.length === 1 && !thumbHash && !variants[0]?.edit;
}

/** Whether the pixels have alpha: they are grey with alpha, or RGBA. */
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
