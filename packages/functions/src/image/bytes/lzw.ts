const MAX_WIDTH = 12;

/**
 * Finds the codes for a single colour in the data of a GIF's frame: GIF89a specification, appendix F. Every colour of the
 * frame has one, because the codes of longer strings are built from what was decoded before.
 * @param stream the data, joined from its sub-blocks
 * @param visit called with each colour and the offset of its code, in bits
 */
export function eachLiteral(stream: Buffer, codeSize: number, visit: (colour: number, bit: number) => void) {
  const clear = 1 << codeSize;
  let [width, next, isFirst] = [codeSize + 1, clear + 2, true];
  for (let bit = 0; bit + width <= 8 * stream.length; ) {
    const code = codeAt(stream, bit, width);
    if (code === clear + 1) return;
    if (code < clear) visit(code, bit);
    bit += width;
    if (code === clear) {
      [width, next, isFirst] = [codeSize + 1, clear + 2, true];
      continue;
    }
    // Each code except the first adds a string, until the table is full.
    if (!isFirst && next < 1 << MAX_WIDTH) next++;
    if (next === 1 << width && width < MAX_WIDTH) width++;
    isFirst = false;
  }
}

/** Replaces the colour of a code. */
export function replaceLiteral(stream: Buffer, bit: number, colour: number) {
  for (let i = 0; i < 8; i++) {
    const [at, mask] = [(bit + i) >> 3, 1 << ((bit + i) & 7)];
    const byte = stream[at] ?? 0;
    stream[at] = (colour >> i) & 1 ? byte | mask : byte & ~mask;
  }
}

/** Reads a code of up to 12 bits, the lowest first. */
function codeAt(stream: Buffer, bit: number, width: number): number {
  const at = bit >> 3;
  const three = (stream[at] ?? 0) | ((stream[at + 1] ?? 0) << 8) | ((stream[at + 2] ?? 0) << 16);
  return (three >> (bit & 7)) & ((1 << width) - 1);
}
