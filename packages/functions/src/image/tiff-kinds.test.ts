import { adobeRgb } from "@thumbsmith/testing/icc";
import { rejection } from "@thumbsmith/testing/rejection";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { type Layout, makeRasterTiff, makeTiff, type Raster } from "@thumbsmith/testing/tiff";
import { describe, expect, it } from "vitest";
import { thumbnail } from "./thumbnail.ts";

const raster = (fields: Omit<Raster, "width" | "height">) =>
  makeRasterTiff({ width: 8, height: 8, ...fields });
const made = (tiff: Uint8Array) => thumbnail(tiff, ruleOf({ width: 20 }), limits);

describe("a TIFF that cannot be decoded is rejected with its kind", () => {
  const grey = { photometric: 1, fill: [1] };
  const three = { fill: [1, 1, 1] };
  const depths = [3, 5, 6, 7, 10, 12, 14, 24, 32, 64].map((depth) => ({ depth, found: `${depth} bits` }));

  it.each(depths)("$depth bits per sample", async ({ depth, found }) => {
    await expect(made(raster({ ...grey, depth }))).rejects.toEqual(rejection("not-decodable", found));
    await expect(made(raster({ ...three, depth }))).rejects.toEqual(rejection("not-decodable", found));
  });

  it.each([1, 2, 4])("RGB of %i bits per sample", async (depth) => {
    await expect(made(raster({ ...three, depth }))).rejects.toEqual(
      rejection("not-decodable", `found a TIFF of ${depth} bits per sample. Upload it as a JPEG or PNG`),
    );
  });

  const profile = [34675, "bytes", adobeRgb] as const;
  const float = { sampleFormat: 3, depth: 32 };

  it.each<[string, Omit<Raster, "width" | "height">, string]>([
    ["old-style JPEG", { ...three, compression: 6 }, "compressed with old-style JPEG"],
    ["LZMA", { ...three, compression: 34925 }, "compressed with LZMA"],
    ["ZSTD", { ...three, compression: 50000 }, "compressed with ZSTD"],
    ["LERC", { ...three, compression: 34887 }, "compressed with LERC"],
    ["a compression without a name", { ...three, compression: 60000 }, "compressed with scheme 60000"],
    ["signed 8-bit grey", { ...grey, sampleFormat: 2 }, "signed samples"],
    ["signed 8-bit RGB", { ...three, sampleFormat: 2 }, "signed samples"],
    ["signed 16-bit RGB", { ...three, sampleFormat: 2, depth: 16 }, "signed samples"],
    ["signed 32-bit grey", { ...grey, sampleFormat: 2, depth: 32 }, "signed samples"],
    ["float grey", { ...grey, ...float }, "floating-point samples"],
    ["float RGB with a profile", { ...three, ...float, fields: [profile] }, "floating-point samples"],
    ["float RGBA", { ...float, fill: [1, 1, 1, 1], extraSamples: [2] }, "floating-point samples"],
    ["64-bit float RGB", { ...three, ...float, depth: 64 }, "floating-point samples"],
    ["complex numbers", { ...grey, sampleFormat: 6, depth: 64 }, "complex numbers"],
    ["8-bit Lab", { ...three, photometric: 8 }, "CIE Lab of 8 bits"],
    ["16-bit Lab with alpha", { photometric: 8, depth: 16, fill: [1, 1, 1, 1] }, "or with more samples"],
    ["ICC Lab", { ...three, photometric: 9 }, "ICC Lab"],
    ["YCbCr without compression", { ...three, photometric: 6 }, "YCbCr, other than as a JPEG"],
    ["YCbCr in LZW", { ...three, photometric: 6, compression: 5 }, "YCbCr, other than as a JPEG"],
    [
      "YCbCr in planes",
      { ...three, photometric: 6, compression: 7, isPlanar: true },
      "YCbCr, other than as a JPEG",
    ],
    ["three inks", { ...three, photometric: 5, fields: [[332, "short", [2]]] }, "inks other than CMYK"],
    [
      "five inks",
      { photometric: 5, fill: [1, 1, 1, 1, 1], fields: [[332, "short", [2]]] },
      "inks other than CMYK",
    ],
    [
      "16-bit CMYK with alpha",
      { photometric: 5, depth: 16, fill: [1, 1, 1, 1, 1] },
      "CMYK with transparency",
    ],
    ["9 samples per pixel", { fill: Array<number>(9).fill(1) }, "more than 8 samples"],
    ["a camera's raw samples", { ...grey, photometric: 32803 }, "a camera's raw samples"],
    ["an unknown photometric interpretation", { ...grey, photometric: 99 }, "interpretation 99"],
    [
      "tiles in separate planes",
      {
        ...three,
        isPlanar: true,
        fields: [
          [322, "long", [16]],
          [323, "long", [16]],
        ],
      },
      "tiles in separate planes",
    ],
  ])("%s", async (_, fields, found) => {
    await expect(made(raster(fields))).rejects.toEqual(rejection("not-decodable", found));
  });

  it("samples of different depths", async () => {
    const tiff = makeTiff([
      [
        [256, "long", [1]],
        [258, "short", [8, 8, 4]],
      ],
    ]);
    await expect(made(tiff)).rejects.toEqual(rejection("not-decodable", "different depths"));
  });

  it.each<[string, Layout]>([
    ["big-endian", { isBigEndian: true }],
    ["a BigTIFF", { isBig: true }],
    ["a big-endian BigTIFF", { isBig: true, isBigEndian: true }],
  ])("in a file that is %s", async (_, layout) => {
    const tiff = raster({ ...three, compression: 50000, layout });
    await expect(made(tiff)).rejects.toEqual(rejection("not-decodable", "compressed with ZSTD"));
  });

  it("but one whose header contradicts itself is rejected as damaged", async () => {
    await expect(made(raster({ photometric: 2, fill: [1] }))).rejects.toEqual(rejection("corrupt-image"));
  });
});

it("rejects more samples than there is memory for", async () => {
  const tiff = makeTiff([
    [
      [258, "short", [8]],
      [262, "short", [2]],
      [277, "long", [4_000_000_000]],
    ],
  ]);
  await expect(made(tiff)).rejects.toEqual(rejection("not-decodable", "more than 8 samples"));
});
