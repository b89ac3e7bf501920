import { plain, RED } from "@thumbsmith/testing/pixels";
import { makePng } from "@thumbsmith/testing/png";
import { rejection } from "@thumbsmith/testing/rejection";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { thumbnail } from "./thumbnail.ts";

const make = (bytes: Uint8Array) => thumbnail(bytes, ruleOf({}), limits);

describe("a file that is not an accepted image", () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  /** The first bytes of each family of formats that libvips can be built to read. */
  const families: [string, string | Buffer][] = [
    ["SVG", svg],
    ["SVG after a declaration", `<?xml version="1.0"?>${svg}`],
    ["compressed SVG", Buffer.from("1f8b0800000000000003", "hex")],
    ["PDF", "%PDF-1.7\n1 0 obj\n"],
    ["PostScript", "%!PS-Adobe-3.0\n"],
    ["ImageMagick's MIFF", "id=ImageMagick version=1.0\nclass=DirectClass\ncolumns=1\nrows=1\n"],
    [
      "ImageMagick's MVG",
      "push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 'https://example.com/'\n",
    ],
    ["BMP", "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0"],
    ["icons", "\0\0\x01\0\x01\0\x01\x01\0\0\x01\0\x20\0\x30\0\0\0\x16\0\0\0"],
    ["Photoshop", "8BPS\0\x01\0\0\0\0\0\0\0\x03\0\0\0\x01\0\0\0\x01\0\x08\0\x03"],
    ["FITS", "SIMPLE  =                    T".padEnd(2_880)],
    ["MATLAB", "MATLAB 5.0 MAT-file, Platform: GLNXA64".padEnd(124).concat("\0\x01IM")],
    ["NIfTI", Buffer.concat([Buffer.from("5c010000", "hex"), Buffer.alloc(340), Buffer.from("n+1\0")])],
    ["Analyze", Buffer.concat([Buffer.from("5c010000", "hex"), Buffer.alloc(344)])],
    ["OpenSlide's MIRAX", "[GENERAL]\nSLIDE_ID = 1\n"],
    ["OpenEXR", Buffer.from("762f310102000000", "hex")],
    ["Radiance", "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n\x80\x80\x80\x80"],
    ["PPM", "P6 1 1 255\n\xff\0\0"],
    ["PFM", "PF\n1 1\n-1.0\n\0\0\x80\x3f\0\0\0\0\0\0\0\0"],
    ["CSV", "1,2,3\n4,5,6\n"],
    ["raw pixels", Buffer.alloc(300, 7)],
    ["VIPS", Buffer.concat([Buffer.from("b6a6f208", "hex"), Buffer.alloc(96, 1)])],
    ["JPEG 2000", "\0\0\0\x0cjP  \r\n\x87\n"],
    ["JPEG XL", "\xff\x0a\xfa\x1f\x01\x91\x08\x06"],
    ["JPEG XL in a container", "\0\0\0\x0cJXL \r\n\x87\n"],
    ["a camera's raw", "FUJIFILMCCD-RAW 0201"],
    ["video", "\0\0\0\x18ftypisom\0\0\0\0isommp42"],
    ["HTML", "<!doctype html><script>alert(1)</script>"],
    ["a zip", "PK\x03\x04"],
  ];

  it.each(families)("is rejected: %s", async (_, start) => {
    const bytes = typeof start === "string" ? Buffer.from(start, "latin1") : start;
    await expect(make(bytes)).rejects.toEqual(rejection("not-an-image"));
  });

  it.each(families)("does not reach a loader of libvips: %s", async (_, start) => {
    const bytes = typeof start === "string" ? Buffer.from(start, "latin1") : start;
    await expect(sharp(bytes).metadata()).rejects.toThrow(/unsupported image format|corrupt header/);
  });

  it.each([
    ["nothing", Buffer.alloc(0), "empty-file", "found an object of 0 bytes"],
    [
      "a text",
      Buffer.from("This is plain text named like a photo."),
      "not-an-image",
      "Expected one of jpeg, png, webp, gif, avif, tiff, found text.",
    ],
    ["a JPEG's first bytes", Buffer.from("ffd8ff", "hex"), "corrupt-image", "Expected a whole jpeg"],
    [
      "a PNG's signature",
      Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
      "corrupt-image",
      "Expected a whole png",
    ],
    ["a GIF's first bytes", Buffer.from("GIF89a"), "corrupt-image", "Expected a whole gif"],
    [
      "a TIFF whose first directory is its header",
      Buffer.from("II*\0\0\0\0\0", "latin1"),
      "corrupt-image",
      "Expected a whole tiff",
    ],
    [
      "a WebP without chunks",
      Buffer.from("RIFF\x04\0\0\0WEBP", "latin1"),
      "corrupt-image",
      "Expected a whole webp",
    ],
    [
      "an AVIF with nothing but brands",
      Buffer.from("\0\0\0\x14ftypavif\0\0\0\0mif1", "latin1"),
      "corrupt-image",
      "Expected a whole avif",
    ],
  ] as const)("is rejected with the right code: %s", async (_, bytes, code, message) => {
    await expect(make(bytes)).rejects.toEqual(rejection(code, message));
  });

  it("may be an image in a format that the rule leaves out", async () => {
    const rule = { ...ruleOf({}), formats: ["jpeg" as const] };
    await expect(thumbnail(makePng({ width: 1, height: 1 }), rule, limits)).rejects.toEqual(
      rejection("format-not-accepted", "Expected a jpeg, found png."),
    );
  });

  it("may be an iPhone's HEIC, and the message says what to do", async () => {
    const start = "\0\0\0\x24ftypheic\0\0\0\0mif1MiHBMiHEMiPrmiafheictmap\0\0\x0f\xb6meta";
    await expect(make(Buffer.from(start, "latin1"))).rejects.toEqual(
      rejection("heic-not-decodable", 'Upload a JPEG instead, or add "heic" to'),
    );
  });

  it("may be HEVC with the brand of AVIF", async () => {
    const avif = (await plain(8, 8, RED).avif().toBuffer()).toString("latin1");
    const bytes = Buffer.from(avif.replaceAll("av01", "hvc1").replaceAll("av1C", "hvcC"), "latin1");
    await expect(make(bytes)).rejects.toMatchObject({ kind: "rejected" });
  });
});
