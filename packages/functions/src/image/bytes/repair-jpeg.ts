import { EOI, isFrame, isSequential, type Segment, SOS, segmentsOf } from "./jpeg-segments.ts";

/** Frames from here on use arithmetic coding: if its end is missing, libjpeg makes up pixels without a warning. */
const FIRST_ARITHMETIC = 0xc9;
const APP0 = 0xe0;
const APP14 = 0xee;
/**
 * Only ones, which are no code in any table: a decoder that still needs data here warns of each symbol that it reads, and
 * libvips stops at the hundredth warning. A decoder that has all pixels never reads it.
 */
const NO_CODE = Buffer.from("ff00".repeat(256), "hex");

/**
 * Corrects mistakes that do not affect pixels, but that libjpeg warns of: an unknown JFIF version or Adobe transform,
 * parameters of a scan that a sequential JPEG does not use, bytes between two segments, zeros after a scan, and a missing
 * end. Any warning about the copy is then damage. libjpeg lists its warnings in jerror.h.
 * @returns a copy, or the file itself if there is nothing to correct
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

/** Replaces values that the standard does not have by those that decoders take them for. */
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

/** The end of a scan's data without trailing zeros. A zero after 0xff is data. */
function withoutZeros(jpeg: Buffer, end: number): number {
  let at = end;
  while (jpeg[at - 1] === 0 && jpeg[at - 2] !== 0xff) at--;
  return at;
}

/** A single scan gets {@link NO_CODE}, which reveals missing data. Several are read to their end before the first pixel. */
function endOf(jpeg: Buffer, frame: Segment, last: Segment | undefined): Buffer {
  const end = Buffer.of(0xff, EOI);
  const isOnlyScan = last?.marker === SOS && jpeg[last.body] === componentsOf(jpeg, frame);
  return isSequential(frame) && isOnlyScan ? Buffer.concat([NO_CODE, end]) : end;
}

const componentsOf = (jpeg: Buffer, frame: Segment) => jpeg[frame.body + 5];
