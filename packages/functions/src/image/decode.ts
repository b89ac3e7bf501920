import { type Limits, ThumbsmithError } from "@thumbsmith/shared";
import type { CreateRaw, Sharp } from "sharp";
import { storedPixels } from "./alpha.ts";
import { forAnEighth } from "./bytes/jpeg-dc-only.ts";
import { type Box, scaleTo } from "./geometry.ts";
import type { Inspected } from "./header.ts";
import { corrupt, notDecodable } from "./rejections.ts";
import { keptSamples } from "./samples.ts";
import { MAX_CHANNELS, sharp } from "./sharp.ts";

/**
 * Where to bring what has 16 bits before its profile is applied. Left to itself, sharp brings it to Display P3 and
 * writes that without a profile, or, if grey, looks at no profile.
 */
const EIGHT_BITS: Record<string, "srgb" | "b-w"> = { rgb16: "srgb", grey16: "b-w" };
/** sharp decodes at an eighth of the size from 16 times the target on. The rest is for what it rounds. */
const SHRINK_FOR_AN_EIGHTH = 16.1;
/** A side of a few pixels keeps it from that. */
const LEAST_SIDE_FOR_AN_EIGHTH = 100;

/** A picture without its file: upright, in sRGB, eight bits a sample. */
export interface Pixels {
  data: Buffer;
  raw: CreateRaw;
}

/** What ends a pipeline: a resize and an encoder, say. */
type End<T> = (pipeline: Sharp) => Promise<T>;

/**
 * Decodes one image, all of it within `limits.seconds` of this call.
 * Everything it returns is rejected with a ThumbsmithError when the image is at fault.
 */
export function decoder(image: Inspected, { pixels, seconds }: Limits) {
  const { bytes } = image;
  const deadline = performance.now() + seconds * 1_000;

  const open = (input: Uint8Array, animated: boolean) => {
    const opened = sharp(input, {
      animated,
      autoOrient: true,
      limitInputPixels: pixels,
      limitInputChannels: MAX_CHANNELS,
      failOn: image.failOn,
    });
    const eightBits = EIGHT_BITS[image.space];
    return eightBits ? opened.pipelineColourspace(eightBits) : opened;
  };

  const decode = <T>(input: Uint8Array, animated: boolean, end: End<T>) =>
    finishBy(deadline, open(input, animated), end).catch(async (error: unknown) => {
      if (error instanceof ThumbsmithError) throw error;
      // Whose fault it is, the image tells: one that decodes on its own is not the one to blame.
      throw (await decodes(open(bytes, animated))) ? error : corrupt(image.format, error);
    });

  return {
    /** The picture scaled down to meet a box: whole, and never enlarged. */
    async shrunkTo(box: Box): Promise<Pixels> {
      // No other decoder leaves anything out.
      const by = image.format === "jpeg" ? 1 / scaleTo(box, image) : 1;
      const input = isReadAtAnEighth(by, image) ? forAnEighth(bytes) : bytes;
      const shrinkToBox = (pipeline: Sharp) => shrink(pipeline, box, mayBeHalved(by));
      const store = storing(image);
      if (!store) return decode(input, false, shrinkToBox);
      return this.again(await decode(input, false, store), shrinkToBox);
    },

    /** All frames of an animation. */
    frames: <T>(end: End<T>) => decode(bytes, true, end),

    /** What was decoded before. */
    again: <T>({ data, raw }: Pixels, end: End<T>) => finishBy(deadline, sharp(data, { raw }), end),
  };
}

/** How to take all pixels of a picture that cannot be shrunk as libvips reads it. */
function storing({ alpha, keep }: Inspected): End<Pixels> | undefined {
  if (alpha) return (pipeline) => storedPixels(pipeline, alpha);
  if (keep) return (pipeline) => keptSamples(pipeline, keep);
  return undefined;
}

async function shrink(pipeline: Sharp, box: Box, fastShrinkOnLoad: boolean): Promise<Pixels> {
  const resized = pipeline.resize({
    ...box,
    fit: box.fit === "cover" ? "outside" : "inside",
    withoutEnlargement: true,
    fastShrinkOnLoad,
  });
  const { data, info } = await resized.raw().toBuffer({ resolveWithObject: true });
  // No encoder takes more, and it would be the one to fail.
  if (info.channels > 4) throw notDecodable(`a picture of ${info.channels} samples a pixel`);
  return { data, raw: { width: info.width, height: info.height, channels: info.channels } };
}

/**
 * Whether libjpeg may halve a JPEG for a filter that then has as little as half as much again to do. It costs about
 * 0.1 % of SSIM; to read at a quarter or an eighth with so little left would cost up to 5 %: docs/quality.md.
 */
function mayBeHalved(by: number): boolean {
  return by >= 3 && by < 4;
}

/** Of a JPEG that is this much larger than the box, sharp decodes an eighth of the size. */
function isReadAtAnEighth(by: number, { width, height }: Inspected): boolean {
  return by >= SHRINK_FOR_AN_EIGHTH && Math.min(width, height) >= LEAST_SIDE_FOR_AN_EIGHTH;
}

async function finishBy<T>(deadline: number, pipeline: Sharp, end: End<T>): Promise<T> {
  const left = Math.ceil((deadline - performance.now()) / 1_000);
  try {
    if (left > 0) return await end(pipeline.timeout({ seconds: left }));
  } catch (error) {
    // sharp says by its message alone that it stopped for the time.
    if (performance.now() < deadline) throw error;
  }
  throw new ThumbsmithError("too-slow", "Expected an image that is made within `limits.seconds`.");
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
