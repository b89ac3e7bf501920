import { deflateSync } from "node:zlib";
import type { RejectionCode, Variant } from "@thumbsmith/shared";
import { makeGif, makeWebp } from "@thumbsmith/testing/frames";
import { makeScanBomb, segment, withSegments } from "@thumbsmith/testing/jpeg";
import { difference, painted, pixelsOf, plain, RED } from "@thumbsmith/testing/pixels";
import { chunk, makeLyingPng, makePng, withChunks } from "@thumbsmith/testing/png";
import { rejection } from "@thumbsmith/testing/rejection";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { makePages } from "@thumbsmith/testing/tiff";
import { describe, expect, it } from "vitest";
import { thumbnail } from "./thumbnail.ts";

const make = (bytes: Uint8Array, variant: Partial<Variant> = {}) => thumbnail(bytes, ruleOf(variant), limits);

/** An image without equal parts, so that the loss of any part is visible. */
const busy = () => painted(160, 120, (x, y) => [(x * 7) & 255, (y * 5) & 255, (x * y) & 255]);

const sources = {
  jpeg: () => busy().jpeg({ progressive: false }).toBuffer(),
  "progressive jpeg": () => busy().jpeg({ progressive: true }).toBuffer(),
  png: () => busy().png().toBuffer(),
  "interlaced png": () => busy().png({ progressive: true }).toBuffer(),
  webp: () => busy().webp().toBuffer(),
  "lossless webp": () => busy().webp({ lossless: true }).toBuffer(),
  gif: () => busy().gif().toBuffer(),
  avif: () => busy().avif({ effort: 0 }).toBuffer(),
  tiff: () => busy().tiff({ compression: "none" }).toBuffer(),
  "lzw tiff": () => busy().tiff({ compression: "lzw" }).toBuffer(),
  "jpeg in tiff": () => busy().tiff({ compression: "jpeg" }).toBuffer(),
  "tiled tiff": () =>
    busy().tiff({ compression: "deflate", tile: true, tileWidth: 64, tileHeight: 64 }).toBuffer(),
};
const kinds = Object.keys(sources) as (keyof typeof sources)[];

describe("a truncated file", () => {
  /** Cuts that take pixels: at a tenth of the file, and up to its last 30 bytes. */
  const cuts = [0.1, 0.3, 0.5, 0.7, 0.9, 0.98];

  it.each(kinds)("is rejected: %s", async (kind) => {
    const bytes = await sources[kind]();
    for (const part of cuts) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * part));
      await expect(make(cut), `${part} of it`).rejects.toEqual(rejection("corrupt-image"));
      await expect(make(cut, { fit: "inside", format: "webp" })).rejects.toEqual(rejection("corrupt-image"));
    }
  });

  // WebP has no checksum, and a whole file may end in thousands of zeros.
  const checked = kinds.filter((kind) => !kind.includes("webp"));
  it.each(checked)("is rejected when it is filled up with zeros: %s", async (kind) => {
    const bytes = await sources[kind]();
    const zeroed = bytes.fill(0, Math.floor(bytes.length * 0.6));
    await expect(make(zeroed)).rejects.toEqual(rejection("corrupt-image"));
  });
});

describe("a hostile file", () => {
  it.each<[string, () => Promise<Buffer> | Buffer, RejectionCode]>([
    [
      "a header that claims 10 gigapixels",
      () => makeLyingPng({ width: 100_000, height: 100_000 }),
      "side-too-long",
    ],
    [
      "a header that claims more than there is",
      () => makeLyingPng({ width: 4_000, height: 4_000 }),
      "corrupt-image",
    ],
    [
      "a header that claims a gigabyte",
      () => makeLyingPng({ width: 20_000, height: 16_000 }),
      "too-many-pixels",
    ],
    ["a JPEG of 2458 scans", () => makeScanBomb(2_000, 2_000, 13), "too-many-scans"],
    ["a GIF of 200,000 frames", () => makeGif(200_000), "too-many-frames"],
    [
      "a WebP of 100,000 frames, which libvips takes 20 seconds to count",
      async () => makeWebp(100_000, await plain(1, 1, RED).webp().toBuffer()),
      "too-many-frames",
    ],
    ["a TIFF of 20,000 pages", () => makePages(20_000), "too-many-frames"],
  ])("is rejected before it is decoded: %s", async (_, bytes, code) => {
    await expect(make(await bytes())).rejects.toEqual(rejection(code));
  });

  const red = async () => makePng({ width: 64, height: 64, fill: RED });
  const jpeg = () => plain(64, 64, RED).jpeg().toBuffer();
  const many = (marker: number, start: string) =>
    Array.from({ length: 300 }, () =>
      segment(marker, Buffer.concat([Buffer.from(start, "latin1"), Buffer.alloc(65_000)])),
    );
  const packed = () => Buffer.concat([Buffer.from("a\0\0"), deflateSync(Buffer.alloc(300e6), { level: 1 })]);
  it.each<[string, () => Promise<Buffer>]>([
    ["20 MB of EXIF", async () => withSegments(await jpeg(), ...many(0xe1, "Exif\0\0II*\0"))],
    ["20 MB of XMP", async () => withSegments(await jpeg(), ...many(0xe1, "http://ns.adobe.com/xap/1.0/\0"))],
    ["20 MB of comments", async () => withSegments(await jpeg(), ...many(0xfe, ""))],
    ["20 MB of profiles", async () => withSegments(await jpeg(), ...many(0xe2, "ICC_PROFILE\0\x01\x01"))],
    ["20 MB of IPTC", async () => withSegments(await jpeg(), ...many(0xed, "Photoshop 3.0\0"))],
    [
      "50,000 comments",
      async () => withChunks(await red(), ...Array<Buffer>(50_000).fill(chunk("tEXt", Buffer.from("a\0b")))),
    ],
    ["a packed comment of 300 MB", async () => withChunks(await red(), chunk("zTXt", packed()))],
    ["a packed profile of 300 MB", async () => withChunks(await red(), chunk("iCCP", packed()))],
    ["pages in a cycle", async () => makePages(20, true)],
    [
      "an appended script",
      async () => Buffer.concat([await red(), Buffer.from("<script>alert(1)</script>")]),
    ],
    [
      "an appended archive",
      async () => Buffer.concat([await jpeg(), Buffer.from("PK\x03\x04"), Buffer.alloc(1e6)]),
    ],
    [
      "a script in a GIF",
      async () => Buffer.concat([makeGif(1), Buffer.from("/*<script>alert(1)</script>*/")]),
    ],
    [
      "an SVG in a comment",
      async () => withSegments(await jpeg(), segment(0xfe, "<svg onload='alert(1)'/>")),
    ],
  ])("is harmless: %s", async (_, source) => {
    const { outputs } = await make(await source());
    expect(outputs[0]?.bytes.length).toBeLessThan(1_000);
    expect(outputs[0]?.bytes.includes("alert")).toBe(false);
  });

  it("does not affect the next image", async () => {
    await expect(make(makeLyingPng({ width: 4_000, height: 4_000 }))).rejects.toEqual(
      rejection("corrupt-image"),
    );
    const { outputs } = await make(await red());
    expect((await pixelsOf(outputs[0]?.bytes ?? Buffer.alloc(0))).at(32, 32)).toEqual([255, 0, 0]);
  });
});

describe("images that are processed at once", () => {
  it("keep their own pixels", async () => {
    const colours = Array.from({ length: 24 }, (_, i) => [(i * 53) & 255, (i * 97) & 255, (i * 193) & 255]);
    const encoders = ["jpeg", "png", "webp", "tiff", "avif"] as const;
    const made = await Promise.all(
      colours.map(async (colour, i) => {
        const format = encoders[i % encoders.length] ?? "png";
        const bytes = await plain(300 + i, 200, colour)
          .toFormat(format)
          .toBuffer();
        const { outputs } = await make(i % 3 === 2 ? bytes.subarray(0, -60) : bytes, { format: "png" }).catch(
          () => ({ outputs: [] }),
        );
        return outputs[0];
      }),
    );
    expect(made.filter((output, i) => i % 3 !== 2 && !output)).toEqual([]);
    for (const [i, output] of made.entries()) {
      if (output)
        expect(difference((await pixelsOf(output.bytes)).at(75, 75), colours[i] ?? [])).toBeLessThan(8);
    }
  });
});
