import { setTimeout as delay } from "node:timers/promises";
import { type Edit, MAX_DIMENSION, maxEditedPixels, ThumbsmithError } from "@thumbsmith/shared";
import type { Sharp } from "sharp";
import type { Pixels } from "./pixels.ts";
import { sharp } from "./sharp.ts";

/**
 * Applies a variant's `edit` to its resized image. An error here is never the source's fault: the code of the edit is part
 * of the configuration.
 * @param seconds the time that it may take
 * @throws ThumbsmithError `edit-failed`
 */
export async function edited(edit: Edit, picture: Pixels, seconds: number): Promise<Pixels> {
  const { width, height } = picture.raw;
  try {
    const image = sharp(picture.data, { raw: picture.raw });
    const returned = await within(seconds, edit.apply(image, { width, height }));
    if (!isSharp(returned))
      throw new Error(`Expected it to return an image of sharp, found ${typeof returned}.`);
    const after = await within(seconds, pixelsOf(returned.timeout({ seconds })));
    checkSize(after.raw, picture.raw);
    return after;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ThumbsmithError("edit-failed", `The edit "${edit.name}" failed: ${message}`, { cause });
  }
}

/** `instanceof` would not do: the edit may have loaded another copy of sharp. */
function isSharp(value: unknown): value is Sharp {
  return typeof value === "object" && value !== null && "raw" in value && "timeout" in value;
}

/** The promise of an edit may never settle. */
async function within<T>(seconds: number, work: T | Promise<T>): Promise<T> {
  const ended = new AbortController();
  const late = async () => {
    await delay(seconds * 1_000, undefined, ended);
    throw new Error("It took longer than `limits.seconds`.");
  };
  try {
    return await Promise.race([work, late()]);
  } finally {
    ended.abort();
  }
}

async function pixelsOf(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  const { width, height, channels, hasAlpha } = info;
  if (channels > 4 || (channels === 4 && !hasAlpha))
    throw new Error("Expected grey or RGB, found other colours.");
  if (!hasAlpha || !isOpaque(data, channels)) return { data, raw: { width, height, channels } };
  // Compositing adds an alpha channel even if the result is opaque, and encoders would write it.
  const opaque = sharp(data, { raw: { width, height, channels } }).removeAlpha().raw();
  const { data: colours, info: flat } = await opaque.toBuffer({ resolveWithObject: true });
  return { data: colours, raw: { width, height, channels: flat.channels } };
}

function isOpaque(data: Buffer, channels: number): boolean {
  for (let alpha = channels - 1; alpha < data.length; alpha += channels)
    if (data[alpha] !== 255) return false;
  return true;
}

function checkSize({ width, height }: Pixels["raw"], before: Pixels["raw"]): void {
  const most = maxEditedPixels(before.width * before.height);
  if (width * height <= most && Math.max(width, height) <= MAX_DIMENSION) return;
  throw new Error(
    `Expected at most ${most} pixels and sides of at most ${MAX_DIMENSION} for an image of ${before.width} × ${before.height}, found ${width} × ${height}.`,
  );
}
