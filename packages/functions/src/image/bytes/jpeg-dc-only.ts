import { EOI, SOS, segmentsOf } from "./jpeg-segments.ts";

/**
 * A progressive JPEG draws the whole picture over and over, each scan adding detail, and a decoder reads them all
 * before it knows a pixel. A picture of an eighth of the size is made of the first coefficient of each block alone
 * (DC), so the scans with the others (AC) can be left out: the same pixels in a fraction of the time.
 *
 * Progressive scans: ITU-T T.81, annex G.
 */
const SOF_PROGRESSIVE = 0xc2;
/** Segments that may accompany frame and scans: tables, comments, application data. Not a restart interval. */
const isPlain = (marker: number) =>
  marker === 0xdb || marker === 0xc4 || marker === 0xfe || (marker >= 0xe0 && marker <= 0xef);

interface Component {
  id: number;
  /** 8 × 8 blocks in a scan of only this component. */
  blocks: number;
  /** A block becomes one pixel. Where the component is subsampled it becomes more, and its AC is needed. */
  full: boolean;
  /** Of each coefficient, the low bits that no scan had yet. */
  missingBits: Map<number, number>;
}

/**
 * Leaves out what decoding at an eighth of the size makes no use of.
 * @returns the file itself where it is not a progressive JPEG of the usual kind, or one that lacks a scan
 */
export function forAnEighth(jpeg: Buffer): Buffer {
  const parts = [jpeg.subarray(0, 2)];
  let components: Component[] = [];
  for (const { marker, start, body, end } of segmentsOf(jpeg)) {
    if (marker === EOI)
      return isComplete(components) ? Buffer.concat([...parts, ...ending(components)]) : jpeg;
    const header = jpeg.subarray(body, start + 2 + jpeg.readUInt16BE(start + 2));
    if (marker === SOF_PROGRESSIVE && components.length === 0) {
      components = readFrame(header);
      if (components.length === 0) return jpeg;
    } else if (marker === SOS) {
      const left = leftOut(header, components);
      if (left && !follows(header.subarray(-3), left)) return jpeg;
      if (left) continue;
    } else if (!isPlain(marker)) return jpeg;
    parts.push(jpeg.subarray(start, end));
  }
  return jpeg;
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
    missingBits: new Map(),
  }));
}

/** Scans of DC hold all components; one of AC is of a single one, and left out where that is not needed. */
function leftOut(header: Buffer, components: readonly Component[]): Component | undefined {
  const [count = 0, id] = header;
  const isDc = header[1 + 2 * count] === 0;
  return isDc ? undefined : components.find((component) => component.id === id && component.full);
}

/** Notes what a scan that is left out brings. @returns whether those before it brought what it refines */
function follows([first = 1, last = 0, bits = 0]: Buffer, { missingBits }: Component): boolean {
  const [before, after] = [bits >> 4, bits & 15];
  for (let coefficient = first; coefficient <= last; coefficient++) {
    if ((missingBits.get(coefficient) ?? 0) !== before) return false;
    missingBits.set(coefficient, after);
  }
  return true;
}

/** Nothing shows the damage of scans that are left out, but that one of them is missing shows here. */
function isComplete(components: readonly Component[]): boolean {
  const isWhole = ({ missingBits }: Component) =>
    missingBits.size === 63 && [...missingBits.values()].every((bits) => bits === 0);
  return components.length > 0 && components.filter(({ full }) => full).every(isWhole);
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

/**
 * A scan that says "no coefficients" for as many blocks as a component has. Of 300 blocks with the id 1:
 *
 *     ff da 00 08   start of scan, and 8 bytes from here to the data
 *     01 01 03      one component, 1, and the Huffman tables DC 0 and AC 3
 *     01 3f 00      the coefficients 1 to 63, all of their bits
 *     82 cf         in bits: 1000 00101100 1111
 *
 * A run of 2^8 to 2^9 - 1 blocks has the code 1000 in the table above, and 8 bits for what it has over 2^8, here 44.
 * Ones fill up the last byte.
 */
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
