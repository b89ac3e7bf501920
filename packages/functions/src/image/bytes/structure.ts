const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const GIF_EXTENSION = 0x21;
const GIF_IMAGE = 0x2c;
const GIF_TRAILER = 0x3b;

/** Counts a JPEG's scans by its markers, up to the end of its first image. */
export function countScans(bytes: Uint8Array): number {
  let scans = 0;
  for (let at = bytes.indexOf(0xff, 2); at !== -1; at = bytes.indexOf(0xff, at)) {
    const marker = bytes[at + 1] ?? END_OF_IMAGE;
    if (marker === END_OF_IMAGE) break;
    if (marker === START_OF_SCAN) scans++;
    at += standsAlone(marker) ? 1 : 2 + lengthAt(bytes, at + 2);
  }
  return scans;
}

/** Counts the frames of a webp by its chunks. */
export function countFrames(bytes: Uint8Array): number {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frames = 0;
  for (let at = 12; at + 8 <= file.length; ) {
    if (file.toString("latin1", at, at + 4) === "ANMF") frames++;
    const size = file.readUInt32LE(at + 4);
    at += 8 + size + (size % 2);
  }
  return frames;
}

/** Whether a gif's blocks go on to its trailer. To libvips, one that is cut between two frames is a shorter film. */
export function isWholeGif(bytes: Uint8Array): boolean {
  for (let at = 13 + colourTable(bytes[10]); ; ) {
    const block = bytes[at];
    if (block === GIF_TRAILER) return true;
    if (block === GIF_EXTENSION) at = endOfSubBlocks(bytes, at + 2);
    else if (block === GIF_IMAGE) at = endOfSubBlocks(bytes, at + 11 + colourTable(bytes[at + 9]));
    else return false;
  }
}

/** The bytes of the table that a gif's flags announce. */
const colourTable = (flags = 0) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

function endOfSubBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  for (let size = bytes[at]; size; size = bytes[at]) at += 1 + size;
  return at + 1;
}

/** What follows 0xff in a scan's data (0, a restart), or fills up, begins no segment. */
function standsAlone(marker: number): boolean {
  return marker <= 1 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd8);
}

const lengthAt = (bytes: Uint8Array, at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
