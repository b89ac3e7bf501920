import { describe, expect, it } from "vitest";
import { formatOfBytes } from "./sniff.ts";

const brands = (major: string, ...compatible: string[]) =>
  `\0\0\0${String.fromCharCode(16 + 4 * compatible.length)}ftyp${major}\0\0\0\0${compatible.join("")}`;

describe("formatOfBytes", () => {
  it.each([
    ["a JPEG", "\xff\xd8\xff\xe0", "jpeg"],
    ["a PNG", "\x89PNG\r\n\x1a\n", "png"],
    ["a WebP", "RIFF\x24\0\0\0WEBPVP8 ", "webp"],
    ["a GIF of 1987", "GIF87a", "gif"],
    ["a GIF of 1989", "GIF89a", "gif"],
    ["a little-endian TIFF", "II*\0", "tiff"],
    ["a big-endian TIFF", "MM\0*", "tiff"],
    ["a BigTIFF", "II+\0", "tiff"],
    ["an AVIF", brands("avif", "mif1", "miaf"), "avif"],
    ["an AVIF by its compatible brands", brands("mif1", "avif", "miaf"), "avif"],
    ["an AVIF by the profile that it names", brands("mif1", "miaf", "MA1B"), "avif"],
    ["an AVIF sequence", brands("avis", "avif", "msf1"), "avif"],
    ["an iPhone's HEIC", brands("heic", "mif1", "heic"), "heic"],
    ["a HEIC by its compatible brands", brands("mif1", "heic", "hevc"), "heic"],
    ["a burst of HEIC", brands("msf1", "hevc"), "heic"],
    ["a HEIF that names no codec", brands("mif1", "miaf"), "heic"],
  ])("recognises %s", (_, start, format) => {
    expect(formatOfBytes(Buffer.from(start, "latin1"))).toBe(format);
  });

  it.each([
    ["nothing", ""],
    ["text", "This is plain text named like a photo."],
    ["SVG", '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ["a JPEG after one byte", " \xff\xd8\xff\xe0"],
    ["a video", brands("isom", "mp42", "avc1")],
    ["a WAV", "RIFF\x24\0\0\0WAVEfmt "],
    ["an empty ftyp box", "\0\0\0\x08ftyp"],
    ["an ftyp box cut short", "\0\0\xff\xffftypavi"],
    ["half a PNG signature", "\x89PNG\r\n"],
  ])("recognises no format in %s", (_, start) => {
    expect(formatOfBytes(Buffer.from(start, "latin1"))).toBeUndefined();
  });

  it("reads only the given view of a larger buffer", () => {
    const around = Buffer.from("\xff\xd8\xffGIF89a\xff\xd8\xff", "latin1");
    expect(formatOfBytes(around.subarray(3, 9))).toBe("gif");
  });
});
