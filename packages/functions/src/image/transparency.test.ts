import type { Variant } from "@thumbsmith/shared";
import {
  BLUE,
  type Colour,
  difference,
  painted,
  pixelsOf,
  plain,
  RED,
  WHITE,
} from "@thumbsmith/testing/pixels";
import type { Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { LOSSY, make } from "../../test/make.ts";

describe("transparency", () => {
  /** The left half is transparent. */
  const half = () => painted(100, 100, (x) => (x < 50 ? [0, 0, 0, 0] : [255, 0, 0, 255]));

  it.each<[string, Partial<Variant>, Colour]>([
    ["white", {}, WHITE],
    ["the variant's background", { background: "#0000ff" }, BLUE],
  ])("becomes %s in a jpeg", async (_, variant, behind) => {
    const output = await make(await half().png().toBuffer(), { format: "jpeg", width: 50, ...variant });
    const { at, channels } = await pixelsOf(output.bytes);
    expect(channels).toBe(3);
    expect(difference(at(2, 25), behind)).toBeLessThan(LOSSY);
    expect(difference(at(-3, 25), RED)).toBeLessThan(LOSSY);
  });

  it.each(["png", "webp", "avif"] as const)("is kept in a %s", async (format) => {
    const { at } = await pixelsOf((await make(await half().png().toBuffer(), { format, width: 50 })).bytes);
    expect(at(2, 25)[3]).toBe(0);
    expect(difference(at(-3, 25), [255, 0, 0, 255])).toBeLessThan(LOSSY);
  });

  it("leaves no dark seam next to an opaque colour", async () => {
    const soft = painted(100, 100, (x) => [255, 0, 0, Math.min(255, x * 3)]);
    const { at } = await pixelsOf((await make(await soft.png().toBuffer(), { width: 25 })).bytes);
    for (const x of [3, 8, 12, 20]) expect(at(x, 12)[0]).toBeGreaterThan(250);
  });

  it.each([
    ["a palette", () => half().png({ palette: true }).toBuffer()],
    ["a gif", () => half().gif().toBuffer()],
  ])("of %s is kept", async (_, bytes) => {
    const { at } = await pixelsOf((await make(await bytes(), { width: 50 })).bytes);
    expect(at(2, 25)[3]).toBe(0);
  });

  const opaque = () => plain(100, 50, RED);
  it.each<[string, () => Sharp, Partial<Variant>, Colour]>([
    ["transparency, if the image has transparency", half, {}, [0, 0, 0, 0]],
    ["white, if the image is opaque", opaque, {}, WHITE],
    ["white, if the format has no transparency", half, { format: "jpeg" }, WHITE],
    ["the background, if the image has transparency", half, { background: "#00ff00" }, [0, 255, 0, 255]],
    ["opaque white, if asked", half, { background: "#ffffffff" }, [255, 255, 255, 255]],
    ["transparency, if asked", opaque, { background: "transparent" }, [0, 0, 0, 0]],
    ["a half-transparent colour", opaque, { background: "#0000ff80" }, [0, 0, 255, 128]],
    ["white for transparency, in a jpeg", opaque, { background: "transparent", format: "jpeg" }, WHITE],
    [
      "a half-transparent colour on white, in a jpeg",
      opaque,
      { background: "#0000FF80", format: "jpeg" },
      [127, 127, 255],
    ],
  ])("is padded by contain with %s", async (_, picture, variant, padding) => {
    const bytes = await picture().resize(100, 50).png().toBuffer();
    const { at } = await pixelsOf((await make(bytes, { fit: "contain", ...variant })).bytes);
    expect(difference(at(75, 2), padding)).toBeLessThanOrEqual(variant.format === "jpeg" ? LOSSY : 0);
    if (picture === half && variant.format !== "jpeg") expect(at(30, 75)[3]).toBe(0);
  });

  it.each(["webp", "avif"] as const)("is padded by contain with transparency in a %s too", async (format) => {
    const bytes = await half().resize(100, 50).png().toBuffer();
    const { at } = await pixelsOf((await make(bytes, { fit: "contain", format })).bytes);
    expect([at(75, 2)[3], at(30, 75)[3], at(120, 75)[3]]).toEqual([0, 0, 255]);
  });
});
