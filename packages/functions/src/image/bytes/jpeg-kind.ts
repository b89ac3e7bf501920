import { isFrame, isSequential, type Segment, SOS, segmentsOf } from "./jpeg-segments.ts";

/** Announces a hierarchical JPEG, before the first of its frames. */
const DHP = 0xde;

export interface JpegKind {
  /** What it is, if the free build of libjpeg cannot decode it, as a sentence goes on: "a lossless JPEG". */
  undecodable?: string;
  scans: number;
  /** Whether it draws its picture once, from top to bottom, so that a decoder need not hold it. */
  isDrawnOnce: boolean;
}

/** What the segments of a JPEG's first image say of it. */
export function jpegKind(jpeg: Buffer): JpegKind {
  let undecodable: string | undefined;
  let frame: Segment | undefined;
  let scans = 0;
  for (const segment of segmentsOf(jpeg)) {
    if (segment.marker === DHP && !frame) undecodable = "a hierarchical JPEG";
    if (isFrame(segment)) {
      if (!frame) undecodable ??= undecodableFrame(jpeg, segment);
      frame = segment;
    }
    if (segment.marker === SOS) scans++;
  }
  return { undecodable, scans, isDrawnOnce: frame !== undefined && isSequential(frame) && scans === 1 };
}

/** Frames: ITU-T T.81, table B.1. */
function undecodableFrame(jpeg: Buffer, { marker, body }: Segment): string | undefined {
  const process = marker & 15;
  if (process === 3 || process === 11) return "a lossless JPEG";
  if (process > 3 && process !== 9 && process !== 10) return "a hierarchical JPEG";
  const [bits = 8, high, low] = jpeg.subarray(body);
  if (bits === 12) return "a JPEG of 12 bits a sample";
  return high === 0 && low === 0 ? "a JPEG that gives its height behind its pixels" : undefined;
}
