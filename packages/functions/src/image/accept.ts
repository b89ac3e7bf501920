import { type Limits, type Rule, type SourceFormat, ThumbsmithError } from "@thumbsmith/shared";
import { heifKind } from "./bytes/heif.ts";
import { type JpegKind, jpegKind } from "./bytes/jpeg-kind.ts";
import { kindOfBytes } from "./bytes/kinds.ts";
import { restate } from "./bytes/restate.ts";
import { storedAlpha } from "./bytes/restate-avif.ts";
import { formatOfBytes, isCgbi } from "./bytes/sniff.ts";
import { countFrames } from "./bytes/webp.ts";
import { checkCost } from "./cost.ts";
import { boxOf, scaleTo, THUMB_HASH } from "./geometry.ts";
import { framesOf, type Inspected, isAnimated, readHeader } from "./header.ts";
import { heicNotDecodable, notDecodable, tooManyBytes, tooManyFrames } from "./rejections.ts";
import { tiffKind } from "./tiff-kinds.ts";

/** Encoders write 10 scans, and tools that search for the smallest file about 60. Each scan goes over all pixels again. */
const MAX_SCANS = 100;

/** What decides how thumbnails are made: fields of the rule, and metadata of the upload. */
export type Wanted = Pick<Rule, "formats" | "variants"> &
  Partial<Pick<Rule, "thumbHash">> & {
    /** The upload's `x-amz-meta-focus`. */
    focus?: string;
  };

/**
 * Reads only the header, and rejects files that must not be decoded.
 * @throws ThumbsmithError of kind `rejected`
 */
export async function inspect(given: Buffer, rule: Wanted, limits: Limits): Promise<Inspected> {
  if (given.length === 0)
    throw new ThumbsmithError("empty-file", "Expected an image, found an object of 0 bytes.");
  if (given.length > limits.bytes) throw tooManyBytes(given.length, limits);
  const format = acceptedFormat(given, rule.formats);
  const jpeg = format === "jpeg" ? jpegKind(given) : undefined;
  if (jpeg) checkJpeg(jpeg);
  checkStructure(given, format, limits);
  const tiff = format === "tiff" ? tiffKind(given) : undefined;
  if (tiff?.undecodable) throw notDecodable(tiff.undecodable);
  const heif = format === "heic" ? heifKind(given) : undefined;
  if (heif) throw notDecodable(heif);
  const { bytes, metadata } = await readHeader(restate(given, format), format);
  const { width, height } = metadata.autoOrient;
  if ((metadata.pages ?? 1) > limits.frames) throw tooManyFrames(metadata.pages ?? 1, limits);
  if (Math.max(width, height) > limits.side) {
    const message = `Expected sides of at most ${limits.side} pixels, found ${width} × ${height}.`;
    throw new ThumbsmithError("side-too-long", message);
  }
  const { hasAlpha } = metadata;
  // Our decoder of HEIC returns RGB with 8 bits per sample.
  const space = format === "heic" ? "srgb" : metadata.space;
  const frames = framesOf(metadata, format, bytes);
  const header = { bytes, format, width, height, frames, hasAlpha, space };
  const alpha = format === "avif" ? storedAlpha(given) : undefined;
  const samples = { ...(alpha && { alpha }), ...(tiff?.keep && { keep: tiff.keep }) };
  const drawn = { isDrawnOnce: jpeg?.isDrawnOnce ?? false };
  const failOn = jpeg || tiff?.isTiled ? ("warning" as const) : ("error" as const);
  const image = { ...header, ...samples, ...drawn, failOn, still: largestStill(header, rule) };
  return { ...image, megabytes: checkCost(image, metadata, bytes, rule.variants, limits) };
}

/** The box that needs the largest scale, among those of variants that are not animated. */
function largestStill(
  image: Omit<Inspected, "bytes" | "isDrawnOnce" | "failOn" | "still" | "megabytes">,
  { variants, thumbHash }: Wanted,
) {
  const boxes = variants.filter((variant) => !isAnimated(image, variant)).map(boxOf);
  if (thumbHash) boxes.push(THUMB_HASH);
  return boxes.toSorted((a, b) => scaleTo(b, image) - scaleTo(a, image))[0];
}

function acceptedFormat(bytes: Buffer, accepted: readonly SourceFormat[]): SourceFormat {
  const format = formatOfBytes(bytes);
  if (!format)
    throw new ThumbsmithError("not-an-image", `Expected ${oneOf(accepted)}, found ${kindOfBytes(bytes)}.`);
  if (accepted.includes(format)) return format;
  if (format === "heic") throw heicNotDecodable();
  throw new ThumbsmithError("format-not-accepted", `Expected ${oneOf(accepted)}, found ${format}.`);
}

/** Checked before libvips reads the file, because it does not limit a JPEG's scans. */
function checkJpeg({ undecodable, scans }: JpegKind) {
  if (undecodable) throw notDecodable(undecodable);
  if (scans <= MAX_SCANS) return;
  throw new ThumbsmithError("too-many-scans", `Expected at most ${MAX_SCANS} scans, found ${scans}.`);
}

/** Checked before libvips reads the file, because it takes a second to count 30,000 frames of a WebP. */
function checkStructure(bytes: Buffer, format: SourceFormat, limits: Limits) {
  if (format === "webp") {
    const frames = countFrames(bytes);
    if (frames > limits.frames) throw tooManyFrames(frames, limits);
  }
  if (format === "png" && isCgbi(bytes))
    throw notDecodable("a PNG as Xcode rewrites it for iOS (CgBI), which only Apple's programs read");
}

function oneOf(formats: readonly SourceFormat[]): string {
  return formats.length === 1 ? `a ${formats[0]}` : `one of ${formats.join(", ")}`;
}
