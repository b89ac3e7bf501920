/** Markers of a JPEG: ITU-T T.81, table B.1. */
const SOF_BASELINE = 0xc0;
const SOF_EXTENDED = 0xc1;
const SOI = 0xd8;
export const EOI = 0xd9;
export const SOS = 0xda;

export interface Segment {
  marker: number;
  /** Offset of its 0xff. */
  start: number;
  /** Offset of its contents, after its length. */
  body: number;
  /** Offset of its end; for a scan, the end of its data. */
  end: number;
}

/**
 * The segments of a JPEG's first image, up to its end of image if it has one. Extra bytes between two segments are skipped.
 */
export function* segmentsOf(jpeg: Buffer): Generator<Segment> {
  for (let start = nextMarker(jpeg, 2); start !== -1; ) {
    const marker = jpeg[start + 1] ?? SOI;
    if (marker === SOI) return;
    const body = start + 4;
    if (marker === EOI) return yield { marker, start, body, end: start + 2 };
    if (body > jpeg.length) return;
    const after = standsAlone(marker) ? start + 2 : start + 2 + Math.max(2, jpeg.readUInt16BE(start + 2));
    const end = marker === SOS ? endOfScan(jpeg, after) : after;
    yield { marker, start, body, end };
    start = nextMarker(jpeg, end);
  }
}

/** Whether a segment is a frame header: SOF0 to SOF15, except the three numbers of other segments. */
export function isFrame({ marker }: Segment): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Whether a frame is sequential, not progressive, and Huffman-coded. */
export function isSequential({ marker }: Segment): boolean {
  return marker === SOF_BASELINE || marker === SOF_EXTENDED;
}

function nextMarker(jpeg: Buffer, start: number): number {
  let at = jpeg.indexOf(0xff, start);
  while (at !== -1 && (jpeg[at + 1] === 0 || jpeg[at + 1] === 0xff)) at = jpeg.indexOf(0xff, at + 1);
  return at;
}

/** In a scan's data, 0xff is followed by 0, by the number of a restart marker, or by another 0xff as padding. */
function endOfScan(jpeg: Buffer, start: number): number {
  let at = jpeg.indexOf(0xff, start);
  while (at !== -1 && standsAlone(jpeg[at + 1] ?? EOI)) at = jpeg.indexOf(0xff, at + 1);
  return at === -1 ? jpeg.length : at;
}

/** Markers without a length. */
const standsAlone = (marker: number) => marker <= 1 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd7);
