import { framesOfGif, type GifFrame, makeGraphicControl } from "./gif.ts";
import { eachLiteral, replaceLiteral } from "./lzw.ts";

const GLOBAL_TABLE = 13;
const HAS_TRANSPARENCY = 1;
/** libnsgif's delay for a frame that has none, in hundredths of a second. */
const DEFAULT_DELAY = 10;
/** Disposal methods: what happens to a frame before the next one. Some files have 4 for 3. */
const TO_BACKGROUND = 2;
const TO_PREVIOUS = [3, 4];

/**
 * Gives a transparent colour to frames that leave parts of the screen empty: without one, libnsgif fills these parts with
 * black or a colour of the table, while browsers show them as transparent.
 */
export function restateGif(file: Buffer): Buffer {
  const bare = framesOfGif(file).filter((frame, i) => leavesBare(file, frame, i));
  if (bare.length === 0) return file;
  const gif = Buffer.from(file);
  const parts: Buffer[] = [];
  let copied = 0;
  for (const frame of bare) {
    const index = unusedIndex(gif, frame);
    if (frame.control === undefined) {
      const control = makeGraphicControl(HAS_TRANSPARENCY, DEFAULT_DELAY, index);
      parts.push(gif.subarray(copied, frame.start), control);
      copied = frame.start;
    } else {
      gif[frame.control + 3] = flagsOf(gif, frame) | HAS_TRANSPARENCY;
      gif[frame.control + 6] = index;
    }
  }
  return Buffer.concat([...parts, gif.subarray(copied)]);
}

/** Whether a frame without transparency leaves a part of the screen empty: around it, or once it is disposed of. */
function leavesBare(gif: Buffer, frame: GifFrame, place: number): boolean {
  if (flagsOf(gif, frame) & HAS_TRANSPARENCY) return false;
  const disposal = (flagsOf(gif, frame) >> 2) & 7;
  if (disposal === TO_BACKGROUND) return true;
  return place === 0 && (TO_PREVIOUS.includes(disposal) || !fillsScreen(gif, frame.start));
}

function fillsScreen(gif: Buffer, image: number): boolean {
  const [left, top, width, height] = [1, 3, 5, 7].map((at) => uint16(gif, image + at));
  return left === 0 && top === 0 && (width ?? 0) >= uint16(gif, 6) && (height ?? 0) >= uint16(gif, 8);
}

/** The index of a colour that no pixel of a frame has. If all 256 are used, the two most similar ones are merged first. */
function unusedIndex(gif: Buffer, frame: GifFrame): number {
  const codeSize = gif[frame.data] ?? 0;
  if (codeSize !== 8) return 255;
  const stream = Buffer.concat(subBlocks(gif, frame.data + 1));
  const used = new Set<number>();
  eachLiteral(stream, codeSize, (colour) => used.add(colour));
  const unused = Array.from({ length: 256 }, (_, index) => index).find((index) => !used.has(index));
  if (unused !== undefined) return unused;
  const [index, twin] = nearestPair(tableOf(gif, frame));
  eachLiteral(stream, codeSize, (colour, bit) => {
    if (colour === index) replaceLiteral(stream, bit, twin);
  });
  let copied = 0;
  for (const block of subBlocks(gif, frame.data + 1)) copied += stream.copy(block, 0, copied);
  return index;
}

/** The two most similar of 256 colours, by the sum of their squared differences. */
function nearestPair(table: Buffer): [number, number] {
  let [least, pair]: [number, [number, number]] = [Number.POSITIVE_INFINITY, [0, 1]];
  for (let a = 0; a < 256; a++)
    for (let b = a + 1; b < 256; b++) {
      const apart = [0, 1, 2].map((i) => (table[3 * a + i] ?? 0) - (table[3 * b + i] ?? 0));
      const distance = apart.reduce((sum, difference) => sum + difference ** 2, 0);
      if (distance < least) [least, pair] = [distance, [a, b]];
    }
  return pair;
}

/** The frame's local colour table, or the global one. */
function tableOf(gif: Buffer, { start }: GifFrame): Buffer {
  return gif.subarray((gif[start + 9] ?? 0) & 0x80 ? start + 10 : GLOBAL_TABLE);
}

function subBlocks(gif: Buffer, start: number): Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = start, size = gif[at]; size; size = gif[at]) {
    blocks.push(gif.subarray(at + 1, at + 1 + size));
    at += 1 + size;
  }
  return blocks;
}

const flagsOf = (gif: Buffer, { control }: GifFrame) => (control === undefined ? 0 : (gif[control + 3] ?? 0));
const uint16 = (gif: Buffer, at: number) => (gif[at] ?? 0) | ((gif[at + 1] ?? 0) << 8);
