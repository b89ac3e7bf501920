import { EOI, isFrame, isSequential, type Segment, SOS, segmentsOf } from "./jpeg-segments.ts";

/** Arithmetic coding: what is missing at the end of it, libjpeg makes up without a word. */
const FIRST_ARITHMETIC = 0xc9;
const APP0 = 0xe0;
const APP14 = 0xee;
/**
 * Nothing but ones, of which no table has a code: a decoder that still needs data when it comes here warns with each symbol
 * that it reads, and libvips stops at the hundredth. One that has drawn all pixels never reads it.
 */
const NO_CODE = Buffer.from("ff00".repeat(256), "hex");

/**
 * Puts right what holds no pixel, though libjpeg warns of it or misses it: an unknown version of JFIF or transform
 * of Adobe's, parameters of a scan that a sequential JPEG makes no use of, bytes between two segments, zeros behind a
 * scan, and a missing end. Any warning about the copy is damage: libjpeg lists its warnings in jerror.h.
 * @returns a copy, or the file itself where nothing of this kind can be wrong
 */
export function repairJpeg(file: Buffer): Buffer {
  const jpeg = Buffer.from(file);
  const segments = [...segmentsOf(jpeg)];
  const frame = segments.find(isFrame);
  if (!frame || frame.marker >= FIRST_ARITHMETIC) return file;
  for (const segment of segments) putRight(jpeg, segment, frame);
  const parts: Buffer[] = segments.map(({ marker, start, end }) =>
    jpeg.subarray(start, marker === SOS ? withoutZeros(jpeg, end) : end),
  );
  const last = segments.at(-1);
  if (last?.marker !== EOI) parts.push(endOf(jpeg, frame, last));
  const repaired = Buffer.concat([jpeg.subarray(0, 2), ...parts]);
  return repaired.equals(file) ? file : repaired;
}

/** Changes values that are not among those of the standard to what decoders take them for. */
function putRight(jpeg: Buffer, { marker, body, end }: Segment, frame: Segment) {
  const says = (name: string) => jpeg.toString("latin1", body, Math.min(end, body + 5)) === name;
  if (marker === APP0 && says("JFIF\0")) jpeg[body + 5] = 1;
  if (marker === APP14 && says("Adobe")) {
    const known = componentsOf(jpeg, frame) === 4 ? [0, 2] : [0, 1];
    if (!known.includes(jpeg[body + 11] ?? 0)) jpeg[body + 11] = known[1] ?? 0;
  }
  const parameters = body + 1 + 2 * (jpeg[body] ?? 0);
  if (marker === SOS && isSequential(frame) && parameters + 3 <= end) jpeg.set([0, 63, 0], parameters);
}

/** Where a scan's data ends, if zeros behind it are left out. One behind 0xff belongs to that. */
function withoutZeros(jpeg: Buffer, end: number): number {
  let at = end;
  while (jpeg[at - 1] === 0 && jpeg[at - 2] !== 0xff) at--;
  return at;
}

/** Several scans are read to their end before the first pixel, so that nothing missing goes unnoticed there. */
function endOf(jpeg: Buffer, frame: Segment, last: Segment | undefined): Buffer {
  const end = Buffer.of(0xff, EOI);
  const isOnlyScan = last?.marker === SOS && jpeg[last.body] === componentsOf(jpeg, frame);
  return isSequential(frame) && isOnlyScan ? Buffer.concat([NO_CODE, end]) : end;
}

const componentsOf = (jpeg: Buffer, frame: Segment) => jpeg[frame.body + 5];
