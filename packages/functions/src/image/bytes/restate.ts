import type { SourceFormat } from "@thumbsmith/shared";
import { restateAvif } from "./restate-avif.ts";
import { restateGif } from "./restate-gif.ts";
import { restatePng } from "./restate-png.ts";
import { restateTiff } from "./restate-tiff.ts";
import { restateWebp } from "./restate-webp.ts";

const RESTATE: Partial<Record<SourceFormat, (file: Buffer) => Buffer>> = {
  avif: restateAvif,
  gif: restateGif,
  png: restatePng,
  tiff: restateTiff,
  webp: restateWebp,
};

/**
 * Rewrites parts of a file that browsers understand and libvips misreads: what its colours and its transparency mean, and
 * which of its images is shown.
 * @returns a copy, or the file itself if libvips reads it right
 */
export function restate(file: Buffer, format: SourceFormat): Buffer {
  return RESTATE[format]?.(file) ?? file;
}
