import { type Colour, difference, painted, pixelsOf } from "@thumbsmith/testing/pixels";
import { chunk, makePng } from "@thumbsmith/testing/png";
import { rejection } from "@thumbsmith/testing/rejection";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { type Field, type Layout, makeRasterTiff, makeTiff, type Raster } from "@thumbsmith/testing/tiff";
import { describe, expect, it } from "vitest";
import { thumbnail } from "./thumbnail.ts";

const size = { width: 40, height: 40 };
const raster = (fields: Omit<Raster, "width" | "height">) => makeRasterTiff({ ...size, ...fields });

async function made(tiff: Uint8Array) {
  const { outputs } = await thumbnail(tiff, ruleOf({ width: 20, format: "png" }), limits);
  return pixelsOf(outputs[0]?.bytes ?? Buffer.alloc(0));
}

/** The colour with alpha, which is 255 if the thumbnail has none. */
const colourOf = async (tiff: Uint8Array) => [...(await made(tiff)).at(10, 10), 255].slice(0, 4);

const deep = (fill: Colour) => fill.map((value) => value * 257);

/** A palette from blue to red. */
function palette(bits: number) {
  const steps = Array.from({ length: 2 ** bits }, (_, i) => Math.round((i / (2 ** bits - 1)) * 65_535));
  return [320, "short", [...steps, ...steps.map(() => 0), ...steps.toReversed()]] as const;
}

const BILEVEL = { photometric: 0, depth: 1, fill: [0] };

// By TIFF 6.0's definitions of samples. Grey is at three quarters of the range, or as near to it as the depth allows.
const decodable: [string, Omit<Raster, "width" | "height">, Colour][] = [
  ["1-bit grey", { photometric: 1, depth: 1, fill: [1] }, [255, 255, 255]],
  ["1-bit grey, white is 0", { ...BILEVEL, fill: [1] }, [0, 0, 0]],
  ["2-bit grey", { photometric: 1, depth: 2, fill: [2] }, [170, 170, 170]],
  ["4-bit grey", { photometric: 1, depth: 4, fill: [11] }, [187, 187, 187]],
  ["4-bit grey, white is 0", { photometric: 0, depth: 4, fill: [11] }, [68, 68, 68]],
  ["8-bit grey", { photometric: 1, fill: [191] }, [191, 191, 191]],
  ["8-bit grey, white is 0", { photometric: 0, fill: [191] }, [64, 64, 64]],
  ["16-bit grey", { photometric: 1, depth: 16, fill: deep([191]) }, [191, 191, 191]],
  ["1-bit palette", { photometric: 3, depth: 1, fill: [1], fields: [palette(1)] }, [255, 0, 0]],
  ["2-bit palette", { photometric: 3, depth: 2, fill: [2], fields: [palette(2)] }, [170, 0, 85]],
  ["4-bit palette", { photometric: 3, depth: 4, fill: [11], fields: [palette(4)] }, [187, 0, 68]],
  ["8-bit palette", { photometric: 3, fill: [191], fields: [palette(8)] }, [191, 0, 64]],
  ["8-bit RGB", { fill: [200, 120, 90] }, [200, 120, 90]],
  ["16-bit RGB", { depth: 16, fill: deep([200, 120, 90]) }, [200, 120, 90]],
  ["RGB in planes", { isPlanar: true, fill: [200, 120, 90] }, [200, 120, 90]],
  ["RGB of an unspecified sample format", { sampleFormat: 4, fill: [200, 120, 90] }, [200, 120, 90]],
  // sRGB's curve applied to linear light.
  ["32-bit float RGB", { sampleFormat: 3, depth: 32, fill: [0.75, 0, 0.25] }, [225, 0, 137]],
  // By the definitions of CIE Lab and sRGB, from either white point (D50, D65).
  ["16-bit Lab", { photometric: 8, depth: 16, fill: [0x8000, 0x2800, 0xd800] }, [155, 94, 188]],
  // SWOP's magenta on paper.
  ["8-bit CMYK", { photometric: 5, fill: [0, 255, 0, 0] }, [236, 0, 140]],
  ["16-bit CMYK", { photometric: 5, depth: 16, fill: deep([0, 255, 0, 0]) }, [236, 0, 140]],
  ["CMYK in planes", { photometric: 5, isPlanar: true, fill: [0, 255, 0, 0] }, [236, 0, 140]],
  // A run of 40 white pixels is 00101001: ITU-T T.4, table 2.
  ["CCITT RLE", { ...BILEVEL, compression: 2, data: Buffer.alloc(40, 0x29) }, [255, 255, 255]],
  [
    "CCITT RLE in words",
    { ...BILEVEL, compression: 32771, data: Buffer.alloc(80, "2900", "hex") },
    [255, 255, 255],
  ],
];

describe("a TIFF is made", () => {
  it.each(decodable)("of %s", async (_, fields, expected) => {
    expect(difference(await colourOf(raster(fields)), [...expected, 255])).toBeLessThan(14);
  });

  it.each(decodable.filter(([, { photometric = 2 }]) => photometric < 5))(
    "to within 2 of 255 of %s",
    async (_, fields, expected) => {
      expect(difference(await colourOf(raster(fields)), [...expected, 255])).toBeLessThan(3);
    },
  );

  it.each<[string, Layout]>([
    ["big-endian", { isBigEndian: true }],
    ["a BigTIFF", { isBig: true }],
    ["a big-endian BigTIFF", { isBig: true, isBigEndian: true }],
  ])("that is %s", async (_, layout) => {
    const fill = [200, 120, 90, 255, 0].map((value) => value * 257);
    const tiff = raster({ depth: 16, fill, extraSamples: [0, 0], layout });
    expect(await colourOf(tiff)).toEqual([200, 120, 90, 255]);
  });

  it.each(["jpeg", "deflate", "lzw", "packbits", "webp", "ccittfax4"] as const)(
    "of %s, in strips and tiles",
    async (compression) => {
      const bits = compression === "ccittfax4" ? ({ bitdepth: 1 } as const) : {};
      for (const tile of [false, true]) {
        const grey = painted(40, 40, (x) => (x < 20 ? [255, 255, 255] : [0, 0, 0]));
        const picture = bits.bitdepth ? grey.toColourspace("b-w") : grey;
        const options = { compression, tile, tileWidth: 16, tileHeight: 16, quality: 95, ...bits };
        const pixels = await made(await picture.tiff(options).toBuffer());
        expect(difference(pixels.at(3, 10), [255, 255, 255])).toBeLessThan(6);
        expect(difference(pixels.at(16, 10), [0, 0, 0])).toBeLessThan(6);
      }
    },
  );
});

describe("a TIFF with more samples than colours", () => {
  const kinds: [string, Pick<Raster, "photometric" | "depth">, Colour, Colour][] = [
    ["grey", { photometric: 1 }, [120], [120, 120, 120]],
    ["16-bit grey", { photometric: 1, depth: 16 }, [120], [120, 120, 120]],
    ["RGB", { photometric: 2 }, [200, 120, 90], [200, 120, 90]],
    ["16-bit RGB", { photometric: 2, depth: 16 }, [200, 120, 90], [200, 120, 90]],
    ["CMYK", { photometric: 5 }, [0, 255, 0, 0], [234, 0, 128]],
  ];
  const fillOf = ({ depth }: Pick<Raster, "depth">, samples: Colour) =>
    depth === 16 ? deep(samples) : samples;

  it.each(kinds)("keeps colour and the first alpha of %s", async (_, kind, colour, expected) => {
    for (const [extraSamples, extras, alpha] of [
      [[2], [128], 128],
      [[2, 0], [128, 0], 128],
      [[0, 2], [0, 128], 128],
      [[2, 0, 0], [128, 0, 255], 128],
      [[2, 2], [128, 0], 128],
      [[0], [0], 255],
      [[0, 0], [0, 0], 255],
      [[0, 0, 0, 0], [0, 255, 0, 9], 255],
    ] as const) {
      const tiff = raster({ ...kind, fill: fillOf(kind, [...colour, ...extras]), extraSamples });
      const found = await colourOf(tiff);
      expect(difference(found, [...expected, alpha]), `${extraSamples}`).toBeLessThan(3);
    }
  });

  it.each(kinds.slice(0, 4))("keeps that of premultiplied %s", async (_, kind, colour, expected) => {
    const halved = colour.map((value) => value / 2);
    for (const [extraSamples, extras] of [
      [[1], [128]],
      [
        [1, 0],
        [128, 0],
      ],
    ] as const) {
      const tiff = raster({
        ...kind,
        fill: fillOf(kind, [...halved, ...extras]).map(Math.round),
        extraSamples,
      });
      expect(difference(await colourOf(tiff), [...expected, 128]), `${extraSamples}`).toBeLessThan(4);
    }
  });

  it("is opaque if it has several that are unspecified", async () => {
    expect(await colourOf(raster({ fill: [200, 120, 90, 0, 0] }))).toEqual([200, 120, 90, 255]);
  });

  it("is transparent if it has a single one that is unspecified", async () => {
    expect((await colourOf(raster({ fill: [200, 120, 90, 128] })))[3]).toBe(128);
  });

  it("keeps them in planes, and next to a palette", async () => {
    const planes = raster({ fill: [200, 120, 90, 128, 0], extraSamples: [2, 0], isPlanar: true });
    expect(difference(await colourOf(planes), [200, 120, 90, 128])).toBeLessThan(3);
    const indexed = raster({ photometric: 3, fill: [191, 0], extraSamples: [0], fields: [palette(8)] });
    expect(difference(await colourOf(indexed), [191, 0, 64, 255])).toBeLessThan(3);
  });

  it("is made as a JPEG too, with a ThumbHash", async () => {
    const tiff = raster({ fill: [200, 120, 90, 255, 0], extraSamples: [2, 0] });
    const rule = { ...ruleOf({ width: 20 }, { width: 10, fit: "inside" }), thumbHash: true };
    const { outputs, thumbHash } = await thumbnail(tiff, rule, limits);
    expect(outputs.map(({ format }) => format)).toEqual(["jpeg", "jpeg"]);
    expect(thumbHash).toBeTypeOf("string");
  });
});

describe("a tiled TIFF", () => {
  it.each(["lzw", "deflate", "webp"] as const)(
    "is rejected if one tile is damaged: %s",
    async (compression) => {
      const noisy = painted(200, 200, (x, y) => [(x * 7) & 255, (y * 5) & 255, (x * y) & 255]);
      const tiff = await noisy.tiff({ compression, tile: true, tileWidth: 64, tileHeight: 64 }).toBuffer();
      expect(difference(await colourOf(tiff), [0, 0, 0])).toBeGreaterThan(30);
      tiff.fill(0xff, Math.floor(tiff.length * 0.3), Math.floor(tiff.length * 0.5));
      await expect(made(tiff)).rejects.toEqual(rejection("corrupt-image"));
    },
  );

  it("is made if libtiff only warns, here of a description without an end", async () => {
    const fields: Field[] = [
      [256, "long", [16]],
      [257, "long", [16]],
      [258, "short", [8, 8, 8]],
      [262, "short", [2]],
      [270, "unknown", [1]],
      [277, "short", [3]],
      [322, "long", [16]],
      [323, "long", [16]],
      [324, "long", [0]],
      [325, "long", [768]],
    ];
    const tile = Buffer.alloc(768, Buffer.from([200, 120, 90]));
    expect(await colourOf(makeTiff([fields], tile))).toEqual([200, 120, 90, 255]);
  });
});

describe("a PNG that Xcode rewrote for iOS", () => {
  it("is rejected with its kind", async () => {
    const png = makePng({ ...size, fill: [1, 2, 3] });
    const cgbi = Buffer.concat([
      png.subarray(0, 8),
      chunk("CgBI", Buffer.from("50002002", "hex")),
      png.subarray(8),
    ]);
    await expect(made(cgbi)).rejects.toEqual(rejection("not-decodable", "CgBI"));
  });
});
