import { type Chunk, chunksOf } from "./webp.ts";

const FRAME_HEADER = 16;
const ALPHA = 0x10;

/** Corrects the header of a WebP that says it is opaque although its pixels are not: RFC 9649. */
export function restateWebp(file: Buffer): Buffer {
  const [flags, kind] = [file[20] ?? 0, file.toString("latin1", 12, 16)];
  if (kind !== "VP8X" || flags & ALPHA || !hasAlpha(file, chunksOf(file))) return file;
  const restated = Buffer.from(file);
  restated[20] = flags | ALPHA;
  return restated;
}

function hasAlpha(file: Buffer, chunks: Iterable<Chunk>): boolean {
  for (const { type, start, end } of chunks) {
    // In a lossless image, the bit for alpha follows the width and height.
    if (type === "ALPH" || (type === "VP8L" && (file[start + 12] ?? 0) & ALPHA)) return true;
    const frame = start + 8 + FRAME_HEADER;
    if (type === "ANMF" && hasAlpha(file, chunksOf(file, frame, Math.min(end, file.length)))) return true;
  }
  return false;
}
