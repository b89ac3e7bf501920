import { isFrame, segmentsOf } from "./jpeg-segments.ts";

/** Announces a hierarchical JPEG, before the first of its frames. */
const DHP = 0xde;

/**
 * What the free build of libjpeg cannot decode, by the header. Frames: ITU-T T.81, table B.1.
 * @returns as a sentence goes on: "a lossless JPEG"
 */
export function undecodableProcess(jpeg: Buffer): string | undefined {
  for (const segment of segmentsOf(jpeg)) {
    if (segment.marker === DHP) return "a hierarchical JPEG";
    if (!isFrame(segment)) continue;
    const process = segment.marker & 15;
    if (process === 3 || process === 11) return "a lossless JPEG";
    if (process > 3 && process !== 9 && process !== 10) return "a hierarchical JPEG";
    const [bits = 8, high, low] = jpeg.subarray(segment.body);
    if (bits === 12) return "a JPEG of 12 bits a sample";
    return high === 0 && low === 0 ? "a JPEG that gives its height behind its pixels" : undefined;
  }
  return undefined;
}
