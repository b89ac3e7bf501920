import { type Limits, type SourceFormat, ThumbsmithError } from "@thumbsmith/shared";

/** The rejection of a source that is too large. Its size may be known from the event, a HEAD or the download. */
export function tooManyBytes(found: number, { bytes }: Pick<Limits, "bytes">): ThumbsmithError {
  return new ThumbsmithError("too-many-bytes", `Expected at most ${bytes} bytes, found ${found}.`);
}

/** The rejection of an image that is damaged. */
export function corrupt(format: SourceFormat, cause?: unknown): ThumbsmithError {
  const message = `Expected a whole ${format}, found one that is truncated or damaged.`;
  return new ThumbsmithError("corrupt-image", message, { cause });
}

/** The rejection of HEIC by a rule that does not list it. */
export function heicNotDecodable(): ThumbsmithError {
  const message =
    'Expected an image that can be decoded here, found HEIC. Upload a JPEG instead, or add "heic" to the rule\'s `formats`.';
  return new ThumbsmithError("heic-not-decodable", message);
}

/**
 * The rejection of an image that may be whole, but that no decoder here can read.
 * @param kind what it is, as a part of the message: "a TIFF compressed with ZSTD"
 */
export function notDecodable(kind: string): ThumbsmithError {
  const message = `Expected an image that can be decoded here, found ${kind}. Upload it as a JPEG or PNG instead.`;
  return new ThumbsmithError("not-decodable", message);
}

export function tooSlow(): ThumbsmithError {
  return new ThumbsmithError(
    "too-slow",
    "Expected an image that can be made within `limits.seconds`, found a slower one.",
  );
}

export function tooManyFrames(found: number, { frames }: Pick<Limits, "frames">): ThumbsmithError {
  return new ThumbsmithError("too-many-frames", `Expected at most ${frames} frames, found ${found}.`);
}
