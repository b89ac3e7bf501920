import type { OutputFormat } from "@thumbsmith/shared";
import { adobeRgb, displayP3, linearGrey } from "@thumbsmith/testing/icc";
import { withJpegProfile } from "@thumbsmith/testing/jpeg";
import { type Colour, difference, pixelsOf, plain, sample } from "@thumbsmith/testing/pixels";
import { makePng, withPngProfile } from "@thumbsmith/testing/png";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { makeRasterTiff } from "@thumbsmith/testing/tiff";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { thumbnail } from "./thumbnail.ts";

const size = { width: 40, height: 40 };

async function colourOf(bytes: Uint8Array, format: OutputFormat | "source" = "png"): Promise<number[]> {
  const { outputs } = await thumbnail(bytes, ruleOf({ width: 20, format }), limits);
  return (await pixelsOf(outputs[0]?.bytes ?? Buffer.alloc(0))).at(10, 10);
}

const deep = (fill: Colour) => fill.map((value) => value * 257);

// Computed from the profiles' matrices and curves, independently of any code here.
const converted: [string, Buffer, Colour, Colour][] = [
  ["Adobe RGB", adobeRgb, [200, 120, 90], [224, 121, 88]],
  ["Adobe RGB", adobeRgb, [90, 140, 120], [52, 141, 120]],
  ["Adobe RGB", adobeRgb, [60, 80, 150], [46, 79, 154]],
  ["Adobe RGB", adobeRgb, [128, 128, 128], [129, 129, 129]],
  ["Adobe RGB, beyond sRGB", adobeRgb, [0, 255, 0], [0, 255, 0]],
  ["Display P3", displayP3, [200, 120, 90], [213, 115, 83]],
  ["Display P3", displayP3, [90, 140, 120], [73, 142, 119]],
  ["Display P3", displayP3, [60, 80, 150], [54, 81, 155]],
  ["Display P3", displayP3, [255, 255, 255], [255, 255, 255]],
];

describe("a wide gamut is converted to sRGB", () => {
  it.each(converted)("within 2 of 255: %s, %#", async (_, profile, fill, expected) => {
    expect(
      difference(await colourOf(withPngProfile(makePng({ ...size, fill }), profile)), expected),
    ).toBeLessThan(3);
  });

  it.each(converted)("within 2 of 255 at 16 bits: %s, %#", async (_, profile, fill, expected) => {
    const png = makePng({ ...size, depth: 16, fill: deep(fill) });
    expect(difference(await colourOf(withPngProfile(png, profile)), expected)).toBeLessThan(3);
  });

  it.each(converted)("within 6 of 255 through a JPEG: %s, %#", async (_, profile, fill, expected) => {
    const jpeg = withJpegProfile(await plain(40, 40, fill).jpeg({ quality: 100 }).toBuffer(), profile);
    expect(difference(await colourOf(jpeg, "source"), expected)).toBeLessThan(7);
  });

  it("keeps the saturated colours of a Display P3 photograph", async () => {
    const [asShot, asMade] = await Promise.all([
      sharp(await sample("paint-brushes-display-p3.jpg"))
        .resize(1, 1)
        .png()
        .toBuffer()
        .then(pixelsOf),
      thumbnail(
        await sample("paint-brushes-display-p3.jpg"),
        ruleOf({ width: 1, height: 1, format: "png" }),
        limits,
      ),
    ]);
    const made = await pixelsOf(asMade.outputs[0]?.bytes ?? Buffer.alloc(0));
    expect(difference(made.at(0, 0), asShot.at(0, 0))).toBeLessThan(4);
  });

  it.each([
    ["that is cut short", adobeRgb.subarray(0, 200)],
    ["of noise", Buffer.alloc(600, "noise")],
    ["for another kind of samples", linearGrey],
  ])("ignores a profile %s", async (_, profile) => {
    const fill = [200, 120, 90];
    const shallow = withPngProfile(makePng({ ...size, fill }), profile);
    const deeper = withPngProfile(makePng({ ...size, depth: 16, fill: deep(fill) }), profile);
    expect(difference(await colourOf(shallow), fill)).toBeLessThan(3);
    expect(difference(await colourOf(deeper), fill)).toBeLessThan(3);
  });
});

describe("16 bits become 8", () => {
  it.each([
    ["a png", () => makePng({ ...size, depth: 16, fill: deep([200, 120, 90]) }), [200, 120, 90]],
    [
      "a png with transparency",
      () => makePng({ ...size, depth: 16, colour: "rgba", fill: deep([200, 120, 90, 128]) }),
      [200, 120, 90, 128],
    ],
    ["a grey png", () => makePng({ ...size, depth: 16, colour: "grey", fill: deep([90]) }), [90, 90, 90]],
    ["a tiff", () => makeRasterTiff({ ...size, depth: 16, fill: deep([200, 120, 90]) }), [200, 120, 90]],
  ])("within 1 of 255: %s", async (_, bytes, expected) => {
    expect(difference(await colourOf(bytes()), expected)).toBeLessThan(2);
  });

  it.each(["jpeg", "png", "webp", "avif"] as const)("in a %s", async (format) => {
    const bytes = makePng({ ...size, depth: 16, fill: deep([200, 120, 90]) });
    const { outputs } = await thumbnail(bytes, ruleOf({ width: 20, format }), limits);
    expect(await sharp(outputs[0]?.bytes).metadata()).toMatchObject({ depth: "uchar", space: "srgb" });
  });
});

describe("CMYK is converted to sRGB", () => {
  // SWOP's inks on paper. Programs use different profiles for them, so this is within 40 of 255.
  it.each<[string, Colour, Colour]>([
    ["paper", [0, 0, 0, 0], [255, 255, 255]],
    ["cyan", [255, 0, 0, 0], [0, 174, 239]],
    ["magenta", [0, 255, 0, 0], [236, 0, 140]],
    ["yellow", [0, 0, 255, 0], [255, 242, 0]],
    ["black", [0, 0, 0, 255], [35, 31, 32]],
    ["all inks", [255, 255, 255, 255], [0, 0, 0]],
  ])("%s", async (_, fill, expected) => {
    const tiff = makeRasterTiff({ ...size, photometric: 5, fill });
    expect(difference(await colourOf(tiff), expected)).toBeLessThan(40);
  });

  it("also in a JPEG, where Adobe stores inks inverted", async () => {
    const jpeg = await plain(40, 40, [200, 120, 90]).toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(jpeg).metadata()).space).toBe("cmyk");
    expect(difference(await colourOf(jpeg), [200, 120, 90])).toBeLessThan(12);
  });
});

describe("grey", () => {
  it.each([
    ["a png", async () => makePng({ ...size, colour: "grey", fill: [90] }), 90],
    ["a jpeg", () => plain(40, 40, [90, 90, 90]).greyscale().jpeg().toBuffer(), 90],
    ["a tiff", async () => makeRasterTiff({ ...size, photometric: 1, fill: [90] }), 90],
    // By sRGB's curve, 90/255 of the light is the level 159.
    [
      "one with a profile",
      async () => withPngProfile(makePng({ ...size, colour: "grey", fill: [90] }), linearGrey),
      159,
    ],
  ])("stays grey, with the same brightness: %s", async (_, bytes, level) => {
    for (const format of ["source", "jpeg", "png", "webp", "avif"] as const)
      expect(difference(await colourOf(await bytes(), format), [level, level, level]), format).toBeLessThan(
        4,
      );
  });

  it("keeps its transparency", async () => {
    const png = makePng({ ...size, colour: "grey+alpha", fill: [90, 128] });
    expect(difference(await colourOf(png), [90, 90, 90, 128])).toBeLessThan(2);
  });

  it("of 16 bits is converted by its profile", async () => {
    const png = makePng({ ...size, depth: 16, colour: "grey", fill: deep([90]) });
    expect(difference(await colourOf(withPngProfile(png, linearGrey)), [159, 159, 159])).toBeLessThan(4);
  });

  it.each([
    [1, [255, 255, 255]],
    [2, [85, 85, 85]],
    [4, [170, 170, 170]],
  ] as const)("of a palette of %i bits keeps its levels", async (bits, colour) => {
    const png = await plain(40, 40, colour)
      .png({ palette: true, colours: 2 ** bits })
      .toBuffer();
    expect(difference(await colourOf(png), colour)).toBeLessThan(4);
  });
});
