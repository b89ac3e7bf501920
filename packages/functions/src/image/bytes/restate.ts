import type { SourceFormat } from "@thumbsmith/shared";
import { restateAvif } from "./restate-avif.ts";
import { restatePng } from "./restate-png.ts";
import { restateTiff } from "./restate-tiff.ts";
import { restateWebp } from "./restate-webp.ts";

const RESTATE: Partial<Record<SourceFormat, (file: Buffer) => Buffer>> = {
  avif: restateAvif,
  png: restatePng,
  tiff: restateTiff,
  webp: restateWebp,
};

/**
 * Says of a whole file, in the words that libvips knows, what browsers know in other words too: what its colours and
 * its transparency mean, and which of its pictures is shown.
 * @returns a copy, or the file itself where libvips reads it right
 */
export function restate(bytes: Uint8Array, format: SourceFormat): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return RESTATE[format]?.(file) ?? bytes;
}
