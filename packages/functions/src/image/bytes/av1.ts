/** The `color_config` of an AV1 stream: AV1 specification, 5.5.2. */
export interface Av1Colour {
  /** Numbers of ITU-T H.273. */
  primaries: number;
  transfer: number;
  /** Whether black is 0, and not 16 of 255. */
  fullRange: boolean;
}

const SEQUENCE_HEADER = 1;
const UNSPECIFIED = 2;

/** @returns undefined if there is no sequence header among the first open bitstream units */
export function av1Colour(data: Uint8Array): Av1Colour | undefined {
  for (let at = 0, units = 0; at < data.length && units < 8; units++) {
    const header = data[at] ?? 0;
    at += header & 4 ? 2 : 1;
    const hasSize = (header & 2) !== 0;
    let size = 0;
    for (let i = 0, more = hasSize; more && i < 8; i++, at++) {
      size += ((data[at] ?? 0) & 127) * 2 ** (7 * i);
      more = (data[at] ?? 0) > 127;
    }
    if (((header >> 3) & 15) === SEQUENCE_HEADER) return colourConfig(bitsOf(data.subarray(at)));
    if (!hasSize) return undefined;
    at += size;
  }
  return undefined;
}

type Bits = (count: number) => number;

/** Reads bits. Those after the end are zeros. */
function bitsOf(data: Uint8Array): Bits {
  let at = 0;
  return (count) => {
    let value = 0;
    for (let i = 0; i < count; i++, at++) value = value * 2 + (((data[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    return value;
  };
}

function colourConfig(bits: Bits): Av1Colour {
  const profile = bits(3);
  bits(1);
  const isReduced = bits(1) === 1;
  if (isReduced) bits(5);
  else skipOperatingPoints(bits);
  skipTools(bits, isReduced);
  const isDeep = bits(1) === 1;
  if (profile === 2 && isDeep) bits(1);
  const isGrey = profile !== 1 && bits(1) === 1;
  const [primaries, transfer, matrix] =
    bits(1) === 1
      ? ([bits(8), bits(8), bits(8)] as const)
      : ([UNSPECIFIED, UNSPECIFIED, UNSPECIFIED] as const);
  const isSrgb = !isGrey && primaries === 1 && transfer === 13 && matrix === 0;
  return { primaries, transfer, fullRange: isSrgb || bits(1) === 1 };
}

function skipOperatingPoints(bits: Bits) {
  let delayBits = 0;
  if (bits(1)) {
    bits(64);
    if (bits(1)) skipVariableLength(bits);
    if (bits(1)) {
      delayBits = bits(5) + 1;
      bits(42);
    }
  }
  const hasDisplayDelay = bits(1) === 1;
  for (let points = bits(5) + 1; points > 0; points--) {
    bits(12);
    if (bits(5) > 7) bits(1);
    if (delayBits && bits(1)) bits(2 * delayBits + 1);
    if (hasDisplayDelay && bits(1)) bits(4);
  }
}

function skipVariableLength(bits: Bits) {
  let zeros = 0;
  while (zeros < 32 && !bits(1)) zeros++;
  if (zeros < 32) bits(zeros);
}

/** Skips the size of frames and the coding tools. */
function skipTools(bits: Bits, isReduced: boolean) {
  const [ofWidth, ofHeight] = [bits(4) + 1, bits(4) + 1];
  bits(ofWidth + ofHeight);
  if (!isReduced && bits(1)) bits(7);
  bits(3);
  if (!isReduced) {
    bits(4);
    const hasOrder = bits(1) === 1;
    if (hasOrder) bits(2);
    const screenContent = bits(1) ? 2 : bits(1);
    if (screenContent > 0 && !bits(1)) bits(1);
    if (hasOrder) bits(3);
  }
  bits(3);
}
