import {
  decodeMegabytes,
  type Limits,
  megabytesToDecode,
  megabytesToEncode,
  megabytesToHold,
  type Raster,
  type Rule,
  type SourceFormat,
  ThumbsmithError,
  type Variant,
  writtenAs,
} from "@thumbsmith/shared";
import type { Metadata } from "sharp";
import { type Box, boxOf, scaled, scaleOf, scaleTo, THUMB_HASH } from "./geometry.ts";
import { formatOfBytes } from "./image-format.ts";
import { sharp } from "./sharp.ts";
import { countFrames, countScans, isWholeGif } from "./structure.ts";

/** Encoders make 10, tools that look for the smallest file some 60. Each draws the whole picture again. */
const MAX_SCANS = 100;
/** libvips has no picture with a longer side, not even on the way to another. */
const MAX_SIDE_ON_THE_WAY = 10_000_000;
/** What sharp calls the kinds of sample, in bytes. */
const SAMPLE_BYTES: Record<string, number> = {
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
};
const MAX_SAMPLE_BYTES = 16;

/** What the header of a source says of it. */
export interface Inspected {
  format: SourceFormat;
  /** As seen, after its orientation is applied. */
  width: number;
  height: number;
  /** Those of an animation that can be made whole; 1 for all else. */
  frames: number;
  /** What libvips takes the samples for. */
  space: string;
  /** The largest box that a still has to meet, if any is made. */
  still?: Box;
  /** That making the variants takes at worst. */
  megabytes: number;
}

/** Of a rule, what decides how pictures are made. */
export type Wanted = Pick<Rule, "formats" | "variants"> & Partial<Pick<Rule, "thumbHash">>;

/**
 * Reads the header alone, and rejects what must not be decoded.
 * @throws ThumbsmithError of kind `rejected`
 */
export async function inspect(bytes: Uint8Array, rule: Wanted, limits: Limits): Promise<Inspected> {
  if (bytes.length === 0)
    throw new ThumbsmithError("empty-file", "Expected an image, found an object of 0 bytes.");
  if (bytes.length > limits.bytes) throw tooManyBytes(bytes.length, limits);
  const format = acceptedFormat(bytes, rule.formats);
  checkStructure(bytes, format, limits);
  const metadata = await readHeader(bytes, format);
  const { width, height } = metadata.autoOrient;
  if ((metadata.pages ?? 1) > limits.frames) throw tooManyFrames(metadata.pages ?? 1, limits);
  if (Math.max(width, height) > limits.side) {
    const message = `Expected sides of at most ${limits.side} pixels, found ${width} × ${height}.`;
    throw new ThumbsmithError("side-too-long", message);
  }
  const header = { format, width, height, frames: framesOf(metadata, format), space: metadata.space };
  const image = { ...header, still: largestStill(header, rule) };
  const isFilm = rule.variants.some((variant) => isAnimated(image, variant));
  if (isFilm && format === "gif" && !isWholeGif(bytes)) throw corrupt(format);
  return { ...image, megabytes: checkCost(image, metadata, bytes, rule.variants, limits) };
}

/** Whether a variant is to have all frames, and can. */
export function isAnimated(
  { format, frames }: Pick<Inspected, "format" | "frames">,
  variant: Variant,
): boolean {
  return variant.animated && frames > 1 && writtenAs(format, variant.format) === "webp";
}

/** Of all boxes that are met without frames, the one that takes most of the image. */
function largestStill(image: Omit<Inspected, "still" | "megabytes">, { variants, thumbHash }: Wanted) {
  const boxes = variants.filter((variant) => !isAnimated(image, variant)).map(boxOf);
  if (thumbHash) boxes.push(THUMB_HASH);
  return boxes.toSorted((a, b) => scaleTo(b, image) - scaleTo(a, image))[0];
}

/** The rejection of a source that is too large, told by whoever learns its size first. */
export function tooManyBytes(found: number, { bytes }: Pick<Limits, "bytes">): ThumbsmithError {
  return new ThumbsmithError("too-many-bytes", `Expected at most ${bytes} bytes, found ${found}.`);
}

/** The rejection of an image that does not decode. */
export function corrupt(format: SourceFormat, cause?: unknown): ThumbsmithError {
  const message = `Expected a whole ${format}, found one that is truncated or damaged.`;
  return new ThumbsmithError("corrupt-image", message, { cause });
}

function acceptedFormat(bytes: Uint8Array, accepted: readonly SourceFormat[]): SourceFormat {
  const format = formatOfBytes(bytes);
  if (!format)
    throw new ThumbsmithError("not-an-image", `Expected ${oneOf(accepted)}, found bytes of another kind.`);
  if (format === "heic") throw heicNotDecodable();
  if (accepted.includes(format)) return format;
  throw new ThumbsmithError("format-not-accepted", `Expected ${oneOf(accepted)}, found ${format}.`);
}

/** Before libvips looks: it takes a second for every 30,000 frames of a webp, and never tires of a JPEG's scans. */
function checkStructure(bytes: Uint8Array, format: SourceFormat, limits: Limits) {
  if (format === "webp") {
    const frames = countFrames(bytes);
    if (frames > limits.frames) throw tooManyFrames(frames, limits);
  }
  if (format === "jpeg") {
    const scans = countScans(bytes);
    if (scans <= MAX_SCANS) return;
    throw new ThumbsmithError("too-many-scans", `Expected at most ${MAX_SCANS} scans, found ${scans}.`);
  }
}

async function readHeader(bytes: Uint8Array, format: SourceFormat): Promise<Metadata> {
  const metadata = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause) => {
      throw corrupt(format, cause);
    });
  if (metadata.compression === "hevc") throw heicNotDecodable();
  return metadata;
}

/** Frames cannot be turned, so an animation that lies on its side stands for itself by its first. */
function framesOf({ pages = 1, orientation = 1 }: Metadata, format: SourceFormat): number {
  return (format === "gif" || format === "webp") && orientation === 1 ? pages : 1;
}

/** @returns the megabytes that it takes at worst */
function checkCost(
  image: Omit<Inspected, "megabytes">,
  metadata: Metadata,
  bytes: Uint8Array,
  variants: readonly Variant[],
  limits: Limits,
): number {
  const size = `${image.width} × ${image.height}`;
  const frames = variants.some((variant) => isAnimated(image, variant)) ? image.frames : 1;
  const pixels = image.width * image.height;
  if (pixels * frames > limits.pixels) {
    const found = frames > 1 ? `${frames} frames of ${size}` : `${size} = ${pixels}`;
    throw new ThumbsmithError("too-many-pixels", `Expected at most ${limits.pixels} pixels, found ${found}.`);
  }
  const bytesPerPixel = metadata.channels * (SAMPLE_BYTES[metadata.depth] ?? MAX_SAMPLE_BYTES);
  const raster: Raster = { format: image.format, pixels, bytesPerPixel, bytes: bytes.length };
  const still = image.still ? megabytesToHold(scaled(image, Math.min(1, scaleTo(image.still, image)))) : 0;
  const encode = variants.map((variant) => encodeCost(image, variant));
  const megabytes = megabytesToDecode(raster) + still + Math.max(0, ...encode);
  const most = decodeMegabytes(limits);
  if (megabytes <= most) return megabytes;
  const message = `Expected an image that takes at most ${Math.floor(most)} megabytes, found one of ${size} that takes ${Math.ceil(megabytes)}.`;
  throw new ThumbsmithError("too-many-pixels", message);
}

/** @returns the megabytes that a variant's output takes at worst */
function encodeCost(image: Omit<Inspected, "megabytes">, variant: Variant): number {
  const box = boxOf(variant);
  const scale = scaleOf(variant, image);
  if (scale * Math.max(image.width, image.height) > MAX_SIDE_ON_THE_WAY) {
    const message = `Expected a picture that can be enlarged to ${box.width} × ${box.height}, found ${image.width} × ${image.height}.`;
    throw new ThumbsmithError("side-too-long", message);
  }
  const { width, height } = box.fit === "inside" ? scaled(image, scale) : box;
  return megabytesToEncode(writtenAs(image.format, variant.format), width * height);
}

function heicNotDecodable(): ThumbsmithError {
  const message =
    "Expected an image that can be decoded here, found HEIC: its HEVC compression is patented. Upload a JPEG instead.";
  return new ThumbsmithError("heic-not-decodable", message);
}

function tooManyFrames(found: number, { frames }: Pick<Limits, "frames">): ThumbsmithError {
  return new ThumbsmithError("too-many-frames", `Expected at most ${frames} frames, found ${found}.`);
}

function oneOf(formats: readonly SourceFormat[]): string {
  return formats.length === 1 ? `a ${formats[0]}` : `one of ${formats.join(", ")}`;
}
