/** A chunk of WebP's container: RFC 9649. */
export interface Chunk {
  type: string;
  start: number;
  /** Beyond the end of the file if the chunk is cut. */
  bodyEnd: number;
  /** The end including the pad byte. */
  end: number;
}

const FIRST_CHUNK = 12;

/** The chunks of a file or of a part of it, up to one that is cut. */
export function* chunksOf(file: Buffer, start = FIRST_CHUNK, stop = file.length): Generator<Chunk> {
  for (let at = start; at + 8 <= stop; ) {
    const size = file.readUInt32LE(at + 4);
    const bodyEnd = at + 8 + size;
    const end = bodyEnd + (size % 2);
    yield { type: file.toString("latin1", at, at + 4), start: at, bodyEnd, end };
    at = end;
  }
}

/** Counts the frames of an animated WebP. */
export function countFrames(file: Buffer): number {
  let frames = 0;
  for (const { type } of chunksOf(file)) if (type === "ANMF") frames++;
  return frames;
}

/**
 * Repaired copies to try, in order, if libwebp refuses a file: first with the right size and pad byte, and without metadata
 * that is cut after the last pixel; then, for an animation, only its first frame.
 */
export function* repairsOfWebp(file: Buffer): Generator<Buffer> {
  const chunks = [...chunksOf(file, FIRST_CHUNK, Math.min(file.length, 8 + file.readUInt32LE(4)))];
  const whole = chunks.filter(({ bodyEnd }) => bodyEnd <= file.length);
  const isAnimation = whole.some(isFrame);
  if (whole.length === chunks.length || !isAnimation) yield upTo(file, whole.at(-1));
  if (isAnimation) yield upTo(file, whole.find(isFrame));
}

const isFrame = ({ type }: Chunk) => type === "ANMF";

/** The file up to the end of a chunk, with the size in its header adjusted. */
function upTo(file: Buffer, last: Chunk | undefined): Buffer {
  const end = last?.end ?? file.length;
  const part = Buffer.alloc(end);
  file.copy(part, 0, 0, end);
  part.writeUInt32LE(end - 8, 4);
  return part;
}
