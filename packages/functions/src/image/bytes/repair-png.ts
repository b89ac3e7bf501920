import { crc32, createInflateRaw } from "node:zlib";
import { makePngChunk, type PngChunk, pngChunks } from "./png.ts";

/** Deflate with the largest window, 32 kB, and the matching check bits: RFC 1950. */
const ZLIB_HEADER = Buffer.of(0x78, 0x01);
const CHECKSUM_BYTES = 4;

/**
 * Corrects a PNG around its pixels: the window size in its zlib header, and one of its two kinds of checksum. The pixels are
 * taken to be whole if either all CRCs or the Adler-32 are right.
 * @returns a copy, or the file itself if neither is right, or if the pixels end early
 */
export async function repairPng(file: Buffer): Promise<Buffer> {
  const chunks = [...pngChunks(file)];
  const pixels = chunks.filter(({ type }) => type === "IDAT");
  const data = Buffer.concat(pixels.map(({ body, end }) => file.subarray(body, end)));
  const stream = await inflated(data.subarray(ZLIB_HEADER.length), mostBytes(file));
  if (!stream) return file;
  const { adler } = stream;
  const end = ZLIB_HEADER.length + stream.read;
  const isAsStored = end + CHECKSUM_BYTES <= data.length && data.readUInt32BE(end) === adler;
  if (!isAsStored && !pixels.every((chunk) => hasRightCrc(file, chunk))) return file;
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32BE(adler);
  const before = file.subarray(0, pixels[0]?.start);
  const whole = Buffer.concat([ZLIB_HEADER, data.subarray(ZLIB_HEADER.length, end), checksum]);
  return Buffer.concat([before, makePngChunk("IDAT", whole), makePngChunk("IEND")]);
}

/** A CRC that is cut off does not count as wrong. */
function hasRightCrc(file: Buffer, { start, end }: PngChunk): boolean {
  return (
    end + CHECKSUM_BYTES > file.length || crc32(file.subarray(start + 4, end)) === file.readUInt32BE(end)
  );
}

/** The most bytes that the image can inflate to: four samples of 16 bits per pixel, and filter bytes in seven passes. */
function mostBytes(file: Buffer): number {
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  return 8 * width * height + 15 * height;
}

/** Inflates in parts, without keeping them. @returns undefined if the data is damaged, ends early, or is too long */
async function inflated(data: Buffer, most: number): Promise<{ adler: number; read: number } | undefined> {
  const inflate = createInflateRaw({ chunkSize: 1 << 18 });
  inflate.end(data);
  const sum = { a: 1, b: 0 };
  let bytes = 0;
  try {
    for await (const part of inflate as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > most) return undefined;
      addToAdler(sum, part);
    }
  } catch {
    return undefined;
  }
  return { adler: sum.b * 0x1_0000 + sum.a, read: inflate.bytesWritten };
}

/** Adler-32 (RFC 1950): this many bytes can be added up before a 32-bit integer overflows. */
const PART = 3_800;

function addToAdler(sum: { a: number; b: number }, bytes: Buffer) {
  for (let start = 0; start < bytes.length; start += PART) {
    const stop = Math.min(start + PART, bytes.length);
    for (let i = start; i < stop; i++) {
      sum.a += bytes[i] ?? 0;
      sum.b += sum.a;
    }
    sum.a %= 65_521;
    sum.b %= 65_521;
  }
}
