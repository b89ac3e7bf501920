import { EOI, SOS, segmentsOf } from "./jpeg-segments.ts";

/**
 * A progressive JPEG consists of scans over the whole image, each of which adds detail, and a decoder reads them all before
 * it has a pixel. Decoding at an eighth of the size uses only the first coefficient of each block (DC), so the scans
 * with the others (AC) can be left out: the pixels are the same, in a fraction of the time.
 *
 * Progressive scans: ITU-T T.81, annex G.
 */
const SOF_PROGRESSIVE = 0xc2;
/** Other segments that are supported: tables, comments, application data. A restart interval is not. */
const isPlain = (marker: number) =>
  marker === 0xdb || marker === 0xc4 || marker === 0xfe || (marker >= 0xe0 && marker <= 0xef);

interface Component {
  id: number;
  /** Number of 8 × 8 blocks in a scan of only this component. */
  blocks: number;
  /** Whether it is not subsampled. Its blocks then become one pixel each at an eighth; otherwise more, which needs AC. */
  full: boolean;
  /** For each coefficient, the number of low bits that no scan has had yet. */
  missingBits: Map<number, number>;
}

/**
 * Leaves out the scans that decoding at an eighth of the size does not use.
 * @returns the file itself if it is not a progressive JPEG of the usual kind, or if it lacks a scan
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

/** @returns no components if the frame does not have three, subsampled as cameras and encoders do */
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

/** The component whose AC a scan has, if the scan can be left out. A scan of DC is always kept. */
function leftOut(header: Buffer, components: readonly Component[]): Component | undefined {
  const [count = 0, id] = header;
  const isDc = header[1 + 2 * count] === 0;
  return isDc ? undefined : components.find((component) => component.id === id && component.full);
}

/** Records the bits of a scan that is left out. @returns whether earlier scans had the bits that it refines */
function follows([first = 1, last = 0, bits = 0]: Buffer, { missingBits }: Component): boolean {
  const [before, after] = [bits >> 4, bits & 15];
  for (let coefficient = first; coefficient <= last; coefficient++) {
    if ((missingBits.get(coefficient) ?? 0) !== before) return false;
    missingBits.set(coefficient, after);
  }
  return true;
}

/** Whether no scan is missing. Damage inside the scans that are left out is not noticed. */
function isComplete(components: readonly Component[]): boolean {
  const isWhole = ({ missingBits }: Component) =>
    missingBits.size === 63 && [...missingBits.values()].every((bits) => bits === 0);
  return components.length > 0 && components.filter(({ full }) => full).every(isWhole);
}

/** The longest run of blocks without coefficients has 2^15 - 1 blocks: 14 bits follow its code. */
const MAX_RUN_BITS = 14;
/** The Huffman table AC 3: EOB0 to EOB14 in order, with a code of four bits each. */
const TABLE = Buffer.from([
  ...[0xff, 0xc4, 0, 3 + 16 + MAX_RUN_BITS + 1, 0x13],
  ...[0, 0, 0, MAX_RUN_BITS + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ...Array.from({ length: MAX_RUN_BITS + 1 }, (_, run) => run << 4),
]);

/** Empty scans replace those that were left out: without any, the decoder would interpolate the missing detail. */
function ending(components: readonly Component[]): Buffer[] {
  return [TABLE, ...components.filter(({ full }) => full).map(emptyScan), Buffer.of(0xff, 0xd9)];
}

/**
 * A scan that says "no coefficients" for all blocks of a component. For 300 blocks of the component 1:
 *
 *     ff da 00 08   start of scan, and 8 bytes from here to the data
 *     01 01 03      one component, 1, and the Huffman tables DC 0 and AC 3
 *     01 3f 00      the coefficients 1 to 63, all of their bits
 *     82 cf         in bits: 1000 00101100 1111
 *
 * A run of 2^8 to 2^9 - 1 blocks has the code 1000 in the table above, then 8 bits for its length minus 2^8, here 44.
 * The last byte is padded with ones.
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
