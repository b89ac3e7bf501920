import { isFrame, isSequential, type Segment, SOS, segmentsOf } from "./jpeg-segments.ts";

/** The marker that begins a hierarchical JPEG, before its first frame. */
const DHP = 0xde;

export interface JpegKind {
  /** What it is, if our build of libjpeg cannot decode it, as a part of a sentence: "a lossless JPEG". */
  undecodable?: string;
  scans: number;
  /** Whether its pixels come once, from top to bottom, so that a decoder does not have to hold the whole image. */
  isDrawnOnce: boolean;
}

/** Reads the kind of a JPEG from the segments of its first image. */
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

/** Frame types are in ITU-T T.81, table B.1. */
function undecodableFrame(jpeg: Buffer, { marker, body }: Segment): string | undefined {
  const process = marker & 15;
  if (process === 3 || process === 11) return "a lossless JPEG";
  if (process > 3 && process !== 9 && process !== 10) return "a hierarchical JPEG";
  const [bits = 8, high, low] = jpeg.subarray(body);
  if (bits === 12) return "a JPEG of 12 bits per sample";
  return high === 0 && low === 0 ? "a JPEG that gives its height after its pixels" : undefined;
}
