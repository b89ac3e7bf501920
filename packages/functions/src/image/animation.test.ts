import type { Variant } from "@thumbsmith/shared";
import { BLUE, difference, GREEN, pixelsOf, plain, RED } from "@thumbsmith/testing/pixels";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { LOSSY, make } from "../../test/make.ts";
import type { Output } from "./thumbnail.ts";

describe("animation", () => {
  const colours = [RED, GREEN, BLUE];
  const animate = async () => {
    const frames = colours.map((colour) => plain(60, 40, colour).png().toBuffer());
    return sharp(await Promise.all(frames), { join: { animated: true } });
  };
  const delay = [100, 200, 300];
  const sources = {
    gif: async () => (await animate()).gif({ delay, loop: 2 }).toBuffer(),
    webp: async () => (await animate()).webp({ delay, loop: 2, lossless: true }).toBuffer(),
  };

  it.each(["gif", "webp"] as const)("of a %s is reduced to its first frame by default", async (format) => {
    const output = await make(await sources[format](), { width: 30, format: "webp" });
    expect(output).toMatchObject({ width: 30, height: 20 });
    expect(output.frames).toBeUndefined();
    expect(difference((await pixelsOf(output.bytes)).at(15, 10), RED)).toBeLessThan(LOSSY);
  });

  it.each(["gif", "webp"] as const)("of a %s is kept if asked", async (format) => {
    const output = await make(await sources[format](), { width: 30, format: "webp", animated: true });
    expect(output).toMatchObject({ width: 30, height: 20, frames: 3 });
    for (const [page, colour] of colours.entries())
      expect(difference((await pixelsOf(output.bytes, page)).at(15, 10), colour)).toBeLessThan(2 * LOSSY);
    expect(await sharp(output.bytes).metadata()).toMatchObject({ pages: 3, delay, loop: 2 });
  });

  it.each(["cover", "contain", "inside"] as const)("is resized by %s in every frame", async (fit) => {
    const bytes = await make(await sources.gif(), {
      width: 20,
      height: 20,
      fit,
      format: "webp",
      animated: true,
    });
    expect(bytes).toMatchObject({ width: 20, height: fit === "inside" ? 13 : 20, frames: 3 });
  });

  it.each<[string, () => Promise<Buffer>, Partial<Variant>, Output["format"]]>([
    ["an output format without animations", sources.gif, { format: "source" }, "png"],
    ["a still", () => plain(60, 40, RED).webp().toBuffer(), { format: "webp" }, "webp"],
    [
      "an animation with an orientation, which cannot be applied frame by frame",
      async () => (await animate()).withMetadata({ orientation: 6 }).webp({ delay }).toBuffer(),
      { format: "webp" },
      "webp",
    ],
    [
      "pages, which are not frames",
      async () => (await animate()).tiff().toBuffer(),
      { format: "webp" },
      "webp",
    ],
  ])("is left out for %s", async (_, bytes, variant, format) => {
    const output = await make(await bytes(), { width: 30, animated: true, ...variant });
    expect(output.format).toBe(format);
    expect(output.frames).toBeUndefined();
    expect(difference((await pixelsOf(output.bytes)).at(10, 10).slice(0, 3), RED)).toBeLessThan(LOSSY);
  });
});
