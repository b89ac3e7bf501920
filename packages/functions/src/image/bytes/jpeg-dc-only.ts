/**
 * A progressive JPEG draws the whole picture over and over, each scan adding detail, and a decoder reads them all
 * before it knows a pixel. A picture of an eighth of the size is made of the first coefficient of each block alone
 * (DC), so the scans with the others (AC) can be left out: the same pixels in a fraction of the time.
 *
 * Markers: ITU-T T.81, table B.1. Progressive scans: annex G.
 */
const SOI = 0xffd8;
const EOI = 0xffd9;
const SOS = 0xffda;
const SOF_PROGRESSIVE = 0xffc2;
/** What may stand beside frame and scans: tables, comments, applications' data. Not a restart interval. */
const isPlain = (marker: number) =>
  marker === 0xffdb || marker === 0xffc4 || marker === 0xfffe || (marker >= 0xffe0 && marker <= 0xffef);

interface Component {
  id: number;
  /** 8 × 8 blocks in a scan of this component alone. */
  blocks: number;
  /** A block becomes one pixel. Where the component is subsampled it becomes more, and its AC is needed. */
  full: boolean;
}

/**
 * Leaves out what decoding at an eighth of the size makes no use of.
 * @returns the file itself where it is not a progressive JPEG of the usual kind
 */
export function forAnEighth(bytes: Uint8Array): Uint8Array {
  const jpeg = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (jpeg.length < 4 || jpeg.readUInt16BE(0) !== SOI) return bytes;
  const parts = [jpeg.subarray(0, 2)];
  let components: Component[] = [];
  let position = 2;
  while (position + 2 <= jpeg.length) {
    const marker = jpeg.readUInt16BE(position);
    if (marker === EOI)
      return components.length > 0 ? Buffer.concat([...parts, ...ending(components)]) : bytes;
    const body = position + 4;
    if (body > jpeg.length) return bytes;
    let end = position + 2 + jpeg.readUInt16BE(position + 2);
    let needed = true;
    if (marker === SOF_PROGRESSIVE && components.length === 0) {
      components = readFrame(jpeg.subarray(body, end));
      if (components.length === 0) return bytes;
    } else if (marker === SOS) {
      needed = isNeeded(jpeg.subarray(body, end), components);
      end = endOfScan(jpeg, end);
    } else if (!isPlain(marker)) return bytes;
    if (needed) parts.push(jpeg.subarray(position, end));
    position = end;
  }
  return bytes;
}

/** @returns no component where the frame is not of three, sampled as cameras and encoders do */
function readFrame(frame: Buffer): Component[] {
  if (frame.length !== 15 || frame[0] !== 8 || frame[5] !== 3) return [];
  const [height, width] = [frame.readUInt16BE(1), frame.readUInt16BE(3)];
  const samplings = [6, 9, 12].map((at) => ({
    id: frame.readUInt8(at),
    horizontal: frame.readUInt8(at + 1) >> 4,
    vertical: frame.readUInt8(at + 1) & 15,
  }));
  const [luma, ...chroma] = samplings;
  if (!luma || luma.horizontal > 2 || luma.vertical > 2 || height === 0) return [];
  if (chroma.some(({ horizontal, vertical }) => horizontal !== 1 || vertical !== 1)) return [];
  return samplings.map(({ id, horizontal, vertical }) => ({
    id,
    blocks:
      Math.ceil((width * horizontal) / luma.horizontal / 8) *
      Math.ceil((height * vertical) / luma.vertical / 8),
    full: horizontal === luma.horizontal && vertical === luma.vertical,
  }));
}

/** Scans of DC hold all components; one of AC is of a single one. */
function isNeeded(header: Buffer, components: readonly Component[]): boolean {
  const [count = 0, id] = header;
  const isDc = header[1 + 2 * count] === 0;
  return isDc || !components.some((component) => component.id === id && component.full);
}

/** The first marker after a scan's data, in which 0xff is followed by 0. */
function endOfScan(jpeg: Buffer, start: number): number {
  let at = jpeg.indexOf(0xff, start);
  while (at !== -1 && jpeg[at + 1] === 0) at = jpeg.indexOf(0xff, at + 2);
  return at === -1 ? jpeg.length : at;
}

/** The longest run of blocks without coefficients has 2^15 - 1 of them. */
const MAX_RUN_BITS = 14;
/** The Huffman table AC 3: EOB0 to EOB14, in order, a code of four bits each. */
const TABLE = Buffer.from([
  ...[0xff, 0xc4, 0, 3 + 16 + MAX_RUN_BITS + 1, 0x13],
  ...[0, 0, 0, MAX_RUN_BITS + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ...Array.from({ length: MAX_RUN_BITS + 1 }, (_, run) => run << 4),
]);

/** For what was left out there are empty scans: without any the decoder would guess at it, and smooth. */
function ending(components: readonly Component[]): Buffer[] {
  return [TABLE, ...components.filter(({ full }) => full).map(emptyScan), Buffer.of(0xff, 0xd9)];
}

function emptyScan({ id, blocks }: Component): Buffer {
  let bits = "";
  for (let rest = blocks; rest > 0; ) {
    const size = Math.min(MAX_RUN_BITS, Math.floor(Math.log2(rest)));
    const run = Math.min(rest, 2 ** (size + 1) - 1);
    bits += (size * 2 ** size + run - 2 ** size).toString(2).padStart(4 + size, "0");
    rest -= run;
  }
  const bytes = (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "1"), 2));
  const data = bytes.flatMap((byte) => (byte === 0xff ? [byte, 0] : [byte]));
  return Buffer.from([0xff, 0xda, 0, 8, 1, id, 0x03, 1, 63, 0, ...data]);
}
