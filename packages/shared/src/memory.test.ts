import type { Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import type { EncoderFields } from "./encoders.ts";
import type { OutputFormat } from "./formats.ts";
import { decodeMegabytes, megabytesAtLimit, megabytesToDecode, megabytesToEncode } from "./memory.ts";

const raster = { frames: 1, bytesPerPixel: 3, bytes: 0 };

describe("the budget of memory", () => {
  it("is what Node and the sources' bytes leave free", () => {
    expect(decodeMegabytes({ memory: 1_769, bytes: 50_000_000 })).toBe(1_769 - 250 - 4 * 50);
  });

  it.each([
    ["jpeg", 12_000_000, 3, 72],
    ["png", 12_000_000, 8, 192],
    ["avif", 12_000_000, 3, 223.2],
    ["heic", 12_000_000, 3, 240],
  ] as const)("is spent on a %s of %i pixels of %i bytes: %f", (format, pixels, bytesPerPixel, megabytes) => {
    expect(megabytesToDecode({ format, pixels, frames: 1, bytesPerPixel, bytes: 0 })).toBeCloseTo(
      megabytes,
      6,
    );
  });

  it("is spent on the file's own bytes twice", () => {
    expect(megabytesToDecode({ ...raster, format: "jpeg", pixels: 0, bytes: 5_000_000 })).toBe(10);
  });

  it.each([
    ["webp", 200, (3 + 1.1 * 200) * 0.96],
    ["webp", 1, 3 * 0.96],
    ["gif", 200, 3 * 0.96],
  ] as const)("is spent on a %s of 640 × 500 pixels and %i frames", (format, frames, megabytes) => {
    expect(megabytesToDecode({ ...raster, format, pixels: 640 * 500, frames })).toBeCloseTo(megabytes, 6);
  });

  it("is spent on the output, and on all of its frames", () => {
    expect(megabytesToEncode({ format: "avif", pixels: 2_000_000 })).toBe(70);
    expect(megabytesToEncode({ format: "webp", pixels: 1_000_000, frames: 10 })).toBe(20);
  });

  it.each<[OutputFormat, EncoderFields, number, number]>([
    ["jpeg", { progressive: true, quality: 100 }, 1, 9],
    ["jpeg", { chromaSubsampling: "4:4:4" }, 1, 15],
    ["png", { progressive: true }, 1, 10],
    ["png", { palette: true, progressive: true }, 1, 44],
    ["webp", { effort: 4 }, 1, 8],
    ["webp", { effort: 6 }, 1, 18],
    ["webp", { lossless: true }, 1, 44],
    ["webp", { lossless: true }, 10, 114],
    ["avif", { chromaSubsampling: "4:4:4", effort: 2 }, 1, 35],
    ["avif", { effort: 4 }, 1, 46],
    ["avif", { lossless: true }, 1, 46],
    ["jpeg", { lossless: true, palette: true, effort: 6 }, 1, 9],
  ])("is spent on a megapixel of %s with %o in %i frames: %i", (format, encoder, frames, megabytes) => {
    expect(megabytesToEncode({ format, encoder, pixels: 1_000_000, frames })).toBe(megabytes);
  });

  it("is spent on an edit, and on the most pixels that it may return", () => {
    const edit = { name: "mine-1", apply: (image: Sharp) => image };
    expect(megabytesToEncode({ format: "jpeg", encoder: { edit }, pixels: 2_000_000 })).toBe((9 + 8) * 4);
    expect(megabytesToEncode({ format: "jpeg", encoder: { edit }, pixels: 400 })).toBe(9 + 8);
  });

  it("holds the largest image that the default limits accept", () => {
    const limits = { memory: 1_769, bytes: 50_000_000, pixels: 64_000_000 };
    expect(megabytesAtLimit(["jpeg", "avif"], limits)).toBeLessThan(decodeMegabytes(limits));
    expect(megabytesAtLimit(["jpeg"], limits)).toBe(2 * 3 * 64 + 100);
  });
});
