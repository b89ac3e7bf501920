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
 * Where to bring what has 16 bits before its profile is applied. Left to itself, sharp brings it to Display P3 and
 * writes that without a profile, or, if grey, looks at no profile.
 */
const EIGHT_BITS: Record<string, "srgb" | "b-w"> = { rgb16: "srgb", grey16: "b-w" };

/** What ends a pipeline: a resize and an encoder, say. */
type End<T> = (pipeline: Sharp) => Promise<T>;

/**
 * Decodes one image, all of it within `limits.seconds` of this call.
 * Everything it returns is rejected with a ThumbsmithError when the image is at fault.
 */
export function decoder(image: Inspected, { pixels, seconds }: Limits) {
  const deadline = performance.now() + seconds * 1_000;

  const open = (input: Buffer, animated: boolean) => {
    const opened = sharp(input, {
      animated,
      autoOrient: true,
      // Of a JPEG that is shrunk as it is read, the header counts more than are decoded.
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
    // Whose fault it is, the image tells: one that decodes on its own is not the one to blame.
    throw (await decodes(deadline, open(refused, animated), image)) ? cause : corrupt(image.format, cause);
  };

  // No decoder but that of JPEGs leaves anything out.
  const shrinkFactor = (box: Box) => (image.format === "jpeg" ? 1 / scaleTo(box, image) : 1);

  return {
    /** The picture from its file to its end, without pixels in between. */
    straight<T>(box: Box, end: (fastShrinkOnLoad: boolean) => End<T>): Promise<T> {
      const by = shrinkFactor(box);
      return decode(inputsOf(image, by, deadline), false, end(mayBeHalved(by)));
    },

    /** The picture scaled down to meet a box: whole, and never enlarged. */
    async shrunkTo(box: Box): Promise<Pixels> {
      const by = shrinkFactor(box);
      const inputs = inputsOf(image, by, deadline);
      const shrinkToBox = (pipeline: Sharp) => shrink(pipeline, box, mayBeHalved(by));
      const store = storing(image);
      if (!store) return decode(inputs, false, shrinkToBox);
      return this.again(await decode(inputs, false, store), shrinkToBox);
    },

    /** All frames of an animation, or its first where another one is damaged. */
    frames: <T>(end: End<T>) =>
      decode([image.bytes], true, end).catch((error: unknown) => {
        if (!(error instanceof ThumbsmithError && error.code === "corrupt-image")) throw error;
        return decode([image.bytes], false, end);
      }),

    /** What was decoded before. */
    again: <T>({ data, raw }: Pixels, end: End<T>) => finishBy(deadline, sharp(data, { raw }), end),

    /** The time that is left, in whole seconds. */
    secondsLeft: () => secondsUntil(deadline),
  };
}

/** How to take all pixels of a picture that cannot be shrunk as libvips reads it. */
function storing({ alpha, keep }: Inspected): End<Pixels> | undefined {
  if (alpha) return (pipeline) => storedPixels(pipeline, alpha);
  if (keep) return (pipeline) => keptSamples(pipeline, keep);
  return undefined;
}

type Inputs = Iterable<Buffer> | AsyncIterable<Buffer>;

/** What is decoded in place of a still until it can be: the least that it takes, all of it, a repaired copy. */
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

/** Only what a decoder refused is repaired, so that other files pay nothing for it. */
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
  // No encoder takes more, and it would be the one to fail.
  if (channels > 4) throw notDecodable(`a picture of ${channels} samples a pixel`);
  return pixels;
}

/**
 * Whether libjpeg may halve a JPEG for a filter that then has as little as half as much again to do. It costs about
 * 0.1 % of SSIM; to read at a quarter or an eighth with so little left would cost up to 5 %: docs/quality.md.
 */
function mayBeHalved(by: number): boolean {
  return by >= 3 && by < 4;
}

async function finishBy<T>(deadline: number, pipeline: Sharp, end: End<T>): Promise<T> {
  const seconds = secondsUntil(deadline);
  try {
    return await end(pipeline.timeout({ seconds }));
  } catch (error) {
    // sharp says by its message alone that it stopped for the time.
    throw performance.now() < deadline ? error : tooSlow();
  }
}

/** @throws ThumbsmithError `too-slow`, if none is left */
function secondsUntil(deadline: number): number {
  const left = Math.ceil((deadline - performance.now()) / 1_000);
  if (left <= 0) throw tooSlow();
  return left;
}

/**
 * At a single pixel, for which no encoder, no box and no memory can be to blame. Of the whole picture: a decoder that
 * may read it at an eighth would see less of its damage.
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
