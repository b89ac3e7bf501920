import {
  type Limits,
  MAX_MEGABYTES_PER_MEGAPIXEL,
  type OutputFormat,
  type Rule,
  type SourceFormat,
  sourceFormats,
  ThumbsmithError,
  type Variant,
} from "@thumbsmith/shared";
import sharp, { type Metadata, type Sharp } from "sharp";
import { formatOfBytes } from "./image-format.ts";

// Each photo is met once: what libvips would cache is only memory.
sharp.cache(false);
// Images run side by side. A second thread for one image gains nothing at the size of thumbnails.
sharp.concurrency(1);
// Strangers' bytes reach no loader but those of the formats that we accept.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Nsgif", "Heif", "Tiff"].map((loader) => `VipsForeignLoad${loader}`),
});

/** The encoders' qualities where the variant names none: alike to the eye at the size of a thumbnail. */
const DEFAULT_QUALITY = { jpeg: 80, webp: 80, avif: 55 };

/** Megabytes that decoding takes per megapixel of the source. What is read line by line takes next to nothing. */
const MEGABYTES_PER_MEGAPIXEL: Record<SourceFormat, { whole: number; byLine: number }> = {
  jpeg: { whole: 4, byLine: 0.2 },
  png: { whole: 8, byLine: 0.2 },
  webp: { whole: 8, byLine: 8 },
  gif: { whole: 8, byLine: 8 },
  avif: { whole: MAX_MEGABYTES_PER_MEGAPIXEL, byLine: MAX_MEGABYTES_PER_MEGAPIXEL },
  tiff: { whole: 8, byLine: 8 },
};

/** Lets a decode begin when the megabytes that it takes are free. */
export type Admit = <T>(megabytes: number, decode: () => Promise<T>) => Promise<T>;

/** A variant's picture. */
export interface Output {
  bytes: Buffer;
  format: OutputFormat;
  width: number;
  height: number;
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
}

/**
 * Makes a rule's variants of one image: upright, in sRGB, without metadata.
 * @throws ThumbsmithError of kind `rejected` when the image is at fault
 * @example const { outputs } = await thumbnail(bytes, config.rules[0], config.limits);
 */
export async function thumbnail(
  bytes: Uint8Array,
  rule: Pick<Rule, "formats" | "variants">,
  limits: Pick<Limits, "bytes" | "pixels">,
  admit: Admit = (_, decode) => decode(),
): Promise<Thumbnails> {
  const { source, megabytes } = await inspect(bytes, rule.formats, limits);
  const outputs = await admit(megabytes, async () => {
    const made: Output[] = [];
    for (const variant of rule.variants) made.push(await make(bytes, source.format, variant, limits));
    return made;
  });
  return { source, outputs };
}

/** Reads the header alone, and rejects what must not be decoded. */
async function inspect(
  bytes: Uint8Array,
  accepted: readonly SourceFormat[],
  limits: Pick<Limits, "bytes" | "pixels">,
): Promise<{ source: SourceImage; megabytes: number }> {
  if (bytes.length === 0)
    throw new ThumbsmithError("empty-file", "Expected an image, found an object of 0 bytes.");
  if (bytes.length > limits.bytes) throw tooManyBytes(bytes.length, limits);
  const format = formatOfBytes(bytes);
  if (!format)
    throw new ThumbsmithError("not-an-image", `Expected ${oneOf(accepted)}, found bytes of another kind.`);
  if (format === "heic") {
    const message =
      "Expected an image that can be decoded here, found HEIC, whose HEVC compression is patented.";
    throw new ThumbsmithError("heic-not-decodable", message);
  }
  if (!accepted.includes(format)) {
    throw new ThumbsmithError("format-not-accepted", `Expected ${oneOf(accepted)}, found ${format}.`);
  }
  const metadata = await header(bytes, format);
  const pixels = metadata.width * metadata.height;
  if (pixels > limits.pixels) {
    const size = `${metadata.width} × ${metadata.height} = ${pixels}`;
    throw new ThumbsmithError("too-many-pixels", `Expected at most ${limits.pixels} pixels, found ${size}.`);
  }
  const { whole, byLine } = MEGABYTES_PER_MEGAPIXEL[format];
  const megabytes = (pixels / 1e6) * (metadata.isProgressive ? whole : byLine);
  return { source: { format, ...metadata.autoOrient }, megabytes };
}

/** The rejection of a source that is too large, told by whoever learns its size first. */
export function tooManyBytes(found: number, { bytes }: Pick<Limits, "bytes">): ThumbsmithError {
  return new ThumbsmithError("too-many-bytes", `Expected at most ${bytes} bytes, found ${found}.`);
}

async function header(bytes: Uint8Array, format: SourceFormat): Promise<Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw corrupt(format, cause);
  }
}

async function make(
  bytes: Uint8Array,
  sourceFormat: SourceFormat,
  variant: Variant,
  { pixels }: Pick<Limits, "pixels">,
): Promise<Output> {
  const format = variant.format === "source" ? sourceFormats[sourceFormat].writtenAs : variant.format;
  const { width, height, fit, position, withoutEnlargement, background } = variant;
  const open = () =>
    sharp(bytes, {
      autoOrient: true,
      limitInputPixels: pixels,
      // "warning" would refuse photos that Samsung's phones get slightly wrong: https://github.com/lovell/sharp/issues/1578
      failOn: "error",
    });
  const pipeline = encode(
    open().resize({ width, height, fit, position, withoutEnlargement, background }),
    format,
    variant,
  );
  try {
    const { data, info } = await pipeline.toBuffer({ resolveWithObject: true });
    return { bytes: data, format, width: info.width, height: info.height };
  } catch (cause) {
    // Whose fault it is, the image tells: one that decodes on its own is not the one to blame.
    if (await decodes(open())) throw cause;
    throw corrupt(sourceFormat, cause);
  }
}

function encode(pipeline: Sharp, format: OutputFormat, { quality, background }: Variant): Sharp {
  switch (format) {
    case "jpeg":
      return pipeline.flatten({ background }).jpeg({ quality: quality ?? DEFAULT_QUALITY.jpeg });
    case "png":
      return pipeline.png();
    case "webp":
      return pipeline.webp({ quality: quality ?? DEFAULT_QUALITY.webp, effort: 2 });
    case "avif":
      return pipeline.avif({ quality: quality ?? DEFAULT_QUALITY.avif, effort: 2 });
  }
}

async function decodes(image: Sharp): Promise<boolean> {
  return image.stats().then(
    () => true,
    () => false,
  );
}

function corrupt(format: SourceFormat, cause: unknown): ThumbsmithError {
  const message = `Expected a whole ${format}, found one that is truncated or damaged.`;
  return new ThumbsmithError("corrupt-image", message, { cause });
}

function oneOf(formats: readonly SourceFormat[]): string {
  return formats.length === 1 ? `a ${formats[0]}` : `one of ${formats.join(", ")}`;
}
