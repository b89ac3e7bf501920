import { type Limits, type SourceFormat, ThumbsmithError } from "@thumbsmith/shared";
import type { Sharp } from "sharp";
import { storedPixels } from "./alpha.ts";
import { forAnEighth } from "./bytes/jpeg-dc-only.ts";
import { repairJpeg } from "./bytes/repair-jpeg.ts";
import { repairPng } from "./bytes/repair-png.ts";
import { type Box, scaleTo, shrinkOnLoad } from "./geometry.ts";
import type { Inspected } from "./header.ts";
import { decodeHeic } from "./heic.ts";
import { type Pixels, toPixels } from "./pixels.ts";
import { corrupt, notDecodable, tooSlow } from "./rejections.ts";
import { keptSamples } from "./samples.ts";
import { MAX_CHANNELS, sharp } from "./sharp.ts";

/**
 * The colour space that 16-bit images are processed in. By default, sharp converts them to Display P3 and writes that
 * without a profile or, if they are grey, ignores their profile.
 */
const EIGHT_BITS: Record<string, "srgb" | "b-w"> = { rgb16: "srgb", grey16: "b-w" };

/** The end of a pipeline, for example a resize and an encoder. */
type End<T> = (pipeline: Sharp) => Promise<T>;

/**
 * Decodes one image, within `limits.seconds` of this call.
 * The promises of its methods reject with a ThumbsmithError if the image is at fault.
 */
export function decoder(image: Inspected, { pixels, seconds }: Limits) {
  const deadline = performance.now() + seconds * 1_000;

  const open = (input: Buffer, animated: boolean) => {
    const opened = sharp(input, {
      animated,
      autoOrient: true,
      // The limit of decoded pixels was checked before. A JPEG that is shrunk on load has more in its header.
      limitInputPixels: Math.max(pixels, image.width * image.height),
      limitInputChannels: MAX_CHANNELS,
      failOn: image.failOn,
    });
    const eightBits = EIGHT_BITS[image.space];
    return eightBits ? opened.pipelineColourspace(eightBits) : opened;
  };

  const decode = async <T>(inputs: Inputs, animated: boolean, end: End<T>): Promise<T> => {
    let [refused, cause]: [Buffer, unknown] = [image.bytes, undefined];
    for await (const input of inputs) {
      try {
        return await finishBy(deadline, open(input, animated), end);
      } catch (error) {
        if (error instanceof ThumbsmithError) throw error;
        [refused, cause] = [input, error];
      }
    }
    // If the image decodes by itself, it is not at fault, but the end of the pipeline is.
    throw (await decodes(deadline, open(refused, animated), image)) ? cause : corrupt(image.format, cause);
  };

  // Only JPEGs are shrunk on load.
  const shrinkFactor = (box: Box) => (image.format === "jpeg" ? 1 / scaleTo(box, image) : 1);

  return {
    /** Decodes and ends in one pipeline, without pixels in between. */
    straight<T>(box: Box, end: (fastShrinkOnLoad: boolean) => End<T>): Promise<T> {
      const by = shrinkFactor(box);
      return decode(inputsOf(image, by, deadline), false, end(mayBeHalved(by)));
    },

    /** Decodes the whole image, scaled down to fit a box, and never enlarged. */
    async shrunkTo(box: Box): Promise<Pixels> {
      const by = shrinkFactor(box);
      const inputs = inputsOf(image, by, deadline);
      const shrinkToBox = (pipeline: Sharp) => shrink(pipeline, box, mayBeHalved(by));
      const store = storing(image);
      if (!store) return decode(inputs, false, shrinkToBox);
      return this.again(await decode(inputs, false, store), shrinkToBox);
    },

    /** Decodes all frames of an animation, or only its first if another one is damaged. */
    frames: <T>(end: End<T>) =>
      decode([image.bytes], true, end).catch((error: unknown) => {
        if (!(error instanceof ThumbsmithError && error.code === "corrupt-image")) throw error;
        return decode([image.bytes], false, end);
      }),

    /** Starts another pipeline from decoded pixels. */
    again: <T>({ data, raw }: Pixels, end: End<T>) => finishBy(deadline, sharp(data, { raw }), end),

    /** The remaining time in whole seconds. */
    secondsLeft: () => secondsUntil(deadline),
  };
}

/** How to decode all pixels of an image that libvips must not shrink before its samples are corrected. */
function storing({ alpha, keep }: Inspected): End<Pixels> | undefined {
  if (alpha) return (pipeline) => storedPixels(pipeline, alpha);
  if (keep) return (pipeline) => keptSamples(pipeline, keep);
  return undefined;
}

type Inputs = Iterable<Buffer> | AsyncIterable<Buffer>;

/** The inputs to try for a still, until one can be decoded: without scans that are not needed, complete, then repaired. */
async function* inputsOf(image: Inspected, by: number, deadline: number): AsyncGenerator<Buffer> {
  const { bytes, format } = image;
  if (format === "heic") {
    yield await decodeHeic(image, deadline);
    return;
  }
  const short = shrinkOnLoad(by, image) === 8 ? forAnEighth(bytes) : bytes;
  if (short !== bytes) yield short;
  yield bytes;
  const repaired = (await REPAIRS[format]?.(bytes)) ?? bytes;
  if (repaired !== bytes) yield repaired;
}

/** Repairs, which are only tried if a decoder refused the file, so that others do not pay for them. */
const REPAIRS: { [format in SourceFormat]?: (bytes: Buffer) => Buffer | Promise<Buffer> } = {
  jpeg: repairJpeg,
  png: repairPng,
};

async function shrink(pipeline: Sharp, box: Box, fastShrinkOnLoad: boolean): Promise<Pixels> {
  const resized = pipeline.resize({
    ...box,
    fit: box.fit === "cover" ? "outside" : "inside",
    withoutEnlargement: true,
    fastShrinkOnLoad,
  });
  const pixels = await toPixels(resized);
  const { channels } = pixels.raw;
  // Otherwise the encoder would fail, as none takes more channels.
  if (channels > 4) throw notDecodable(`an image of ${channels} samples per pixel`);
  return pixels;
}

/**
 * Whether libjpeg may halve a JPEG even if that leaves a factor of only 1.5 to 2 to the filter. It costs about 0.1 % of
 * SSIM. Reading at a quarter or an eighth with so little left would cost up to 5 %: docs/quality.md.
 * @param by how many times larger the image is than its thumbnail
 */
function mayBeHalved(by: number): boolean {
  return by >= 3 && by < 4;
}

async function finishBy<T>(deadline: number, pipeline: Sharp, end: End<T>): Promise<T> {
  const seconds = secondsUntil(deadline);
  try {
    return await end(pipeline.timeout({ seconds }));
  } catch (error) {
    // sharp's error for a timeout differs from others only in its message, so check the clock instead.
    throw performance.now() < deadline ? error : tooSlow();
  }
}

/** @throws ThumbsmithError `too-slow` if no time is left */
function secondsUntil(deadline: number): number {
  const left = Math.ceil((deadline - performance.now()) / 1_000);
  if (left <= 0) throw tooSlow();
  return left;
}

/**
 * Whether the image can be decoded to a single pixel, which cannot fail because of an encoder, a box or memory. All pixels
 * are decoded first: at an eighth, the decoder would not notice all damage.
 */
function decodes(deadline: number, pipeline: Sharp, { width, height }: Inspected): Promise<boolean> {
  const pixel = (whole: Sharp) =>
    whole.extract({ left: 0, top: 0, width, height }).resize(1, 1, { fit: "fill" }).raw().toBuffer();
  return finishBy(deadline, pipeline, pixel).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ThumbsmithError) throw error;
      return false;
    },
  );
}
