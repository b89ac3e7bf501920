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
 * Says of a whole file, in the words that libvips knows, what browsers know in other words too: what its colours and
 * its transparency mean, and which of its pictures is shown.
 * @returns a copy, or the file itself where libvips reads it right
 */
export function restate(file: Buffer, format: SourceFormat): Buffer {
  return RESTATE[format]?.(file) ?? file;
}
