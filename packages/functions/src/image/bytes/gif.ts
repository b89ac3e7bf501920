/** Blocks of a GIF: GIF89a specification, sections 17 to 27. */
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;
/** Signature and logical screen descriptor. */
const HEADER_BYTES = 13;

interface Block {
  type: number;
  start: number;
  /** Beyond the end of the file if the block is cut. */
  end: number;
}

export interface GifFrame {
  /** Offset of its graphic control extension, if it has one. */
  control: number | undefined;
  /** Offset of its image descriptor. */
  start: number;
  /** Offset of its LZW code size, which the data in sub-blocks follows. */
  data: number;
}

/** Skips zeros between blocks, as browsers do. */
function* blocksOf(gif: Buffer): Generator<Block> {
  for (let start = HEADER_BYTES + colourTable(gif[10]); start < gif.length; ) {
    const type = gif[start] ?? TRAILER;
    let end = start + 1;
    if (type === EXTENSION) end = endOfSubBlocks(gif, start + 2);
    if (type === IMAGE) end = endOfSubBlocks(gif, dataOf(gif, start) + 1);
    yield { type, start, end };
    start = end;
  }
}

/**
 * Whether no frame of a GIF is cut. libvips does not notice: it takes a cut GIF for a shorter animation. A missing trailer
 * does not matter.
 */
export function isWholeGif(gif: Buffer): boolean {
  let whole = HEADER_BYTES + colourTable(gif[10]);
  for (const { type, end } of blocksOf(gif)) {
    if (type === TRAILER) return true;
    if (type !== EXTENSION && type !== IMAGE && type !== 0) return false;
    whole = end;
  }
  return whole === gif.length;
}

/** The frames up to the trailer, a block of an unknown kind, or the end of the file. */
export function framesOfGif(gif: Buffer): GifFrame[] {
  const frames: GifFrame[] = [];
  let control: number | undefined;
  for (const { type, start } of blocksOf(gif)) {
    if (type === EXTENSION && gif[start + 1] === GRAPHIC_CONTROL) control = start;
    if (type === IMAGE) {
      frames.push({ control, start, data: dataOf(gif, start) });
      control = undefined;
    }
    if (type !== EXTENSION && type !== IMAGE && type !== 0) break;
  }
  return frames;
}

/** A graphic control extension. The delay is in hundredths of a second. */
export function makeGraphicControl(flags: number, delay: number, transparentIndex: number): Buffer {
  return Buffer.of(EXTENSION, GRAPHIC_CONTROL, 4, flags, delay & 255, delay >> 8, transparentIndex, 0);
}

const dataOf = (gif: Buffer, image: number) => image + 10 + colourTable(gif[image + 9]);

/** The size in bytes of the colour table that these flags announce. */
const colourTable = (flags = 0) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

/** @returns an offset beyond the end of the file if the sub-blocks are cut */
function endOfSubBlocks(gif: Buffer, start: number): number {
  let at = start;
  for (let size = gif[at]; size; size = gif[at]) at += 1 + size;
  return at + 1;
}
