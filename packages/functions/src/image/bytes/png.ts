import { crc32 } from "node:zlib";

const SIGNATURE_BYTES = 8;
/** As many as 50 MB have in the smallest chunks that encoders write. It limits the time that a file of empty ones takes. */
const MAX_CHUNKS = 50_000;

/** A chunk of a PNG: four bytes of length, four of name, the body, and four of checksum. */
export interface PngChunk {
  type: string;
  start: number;
  body: number;
  /** The end of the body, or of the file if the chunk is cut. */
  end: number;
}

/** The chunks of a PNG. The last may be cut. */
export function* pngChunks(file: Buffer): Generator<PngChunk> {
  let start = SIGNATURE_BYTES;
  for (let count = 0; count < MAX_CHUNKS && start + 12 <= file.length; count++) {
    const body = start + 8;
    const end = Math.min(body + file.readUInt32BE(start), file.length);
    yield { type: file.toString("latin1", start + 4, body), start, body, end };
    start = end + 4;
  }
}

export function makePngChunk(type: string, body: Uint8Array = Buffer.alloc(0)): Buffer {
  const chunk = Buffer.alloc(12 + body.length);
  chunk.writeUInt32BE(body.length, 0);
  chunk.write(type, 4, "latin1");
  chunk.set(body, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + body.length)), 8 + body.length);
  return chunk;
}
