import { BLUE, difference, GREEN, painted, pixelsOf, plain, RED } from "@thumbsmith/testing/pixels";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { LOSSY, make } from "../../test/make.ts";
import { thumbnail } from "./thumbnail.ts";

describe("what cover keeps", () => {
  /** A checkered patch in saturated colours, 80 pixels wide, on plain grey. */
  const withPatch = (left: number) =>
    painted(600, 150, (x, y) => {
      if (x < left || x >= left + 80 || y < 35 || y >= 115) return [128, 128, 128];
      return (x >> 3) % 2 === (y >> 3) % 2 ? [230, 150, 110] : [200, 20, 30];
    });

  it.each([
    ["centre", 0, false],
    ["centre", 260, true],
    ["attention", 0, true],
    ["attention", 500, true],
    ["entropy", 0, true],
    ["entropy", 500, true],
  ] as const)("with %s, of a subject at %i: %s", async (position, left, kept) => {
    const bytes = await withPatch(left).png().toBuffer();
    const { at } = await pixelsOf((await make(bytes, { position })).bytes);
    const isGrey = (x: number) => difference(at(x, 75), [128, 128, 128]) < 10;
    const subject = Array.from({ length: 150 }, (_, x) => x).filter((x) => !isGrey(x));
    expect(subject.length > 70).toBe(kept);
  });
});

describe("a position", () => {
  /** Nine fields of 60 pixels, from 0 in the upper left to 8 in the lower right. The red of a field encodes its number. */
  const fields = () =>
    painted(180, 180, (x, y) => [28 * (Math.floor(x / 60) + 3 * Math.floor(y / 60)), 0, 0]);
  const fieldAt = async (bytes: Buffer, x: number, y: number) =>
    Math.round(((await pixelsOf(bytes)).at(x, y)[0] ?? 0) / 28);

  it.each([
    ["northwest", 0],
    ["north", 1],
    ["northeast", 2],
    ["west", 3],
    ["centre", 4],
    ["east", 5],
    ["southwest", 6],
    ["south", 7],
    ["southeast", 8],
  ] as const)("%s is kept by cover, and is where contain puts the image", async (position, field) => {
    const box = { width: 60, height: 20, position };
    const { bytes } = await make(await fields().png().toBuffer(), box);
    // At a third of its size, the image is as wide as the box, so one row of fields is kept.
    expect(await fieldAt(bytes, 30, 10)).toBe(3 * Math.floor(field / 3) + 1);
    const tall = await make(await fields().png().toBuffer(), { ...box, width: 20, height: 60 });
    expect(await fieldAt(tall.bytes, 10, 30)).toBe(3 + (field % 3));

    const padded = await make(await plain(20, 20, RED).png().toBuffer(), {
      ...box,
      width: 60,
      height: 60,
      fit: "contain",
    });
    const { at } = await pixelsOf(padded.bytes);
    const found = Array.from(
      { length: 9 },
      (_, i) => at(10 + 20 * (i % 3), 10 + 20 * Math.floor(i / 3))[1] === 0,
    );
    expect(found.indexOf(true)).toBe(field);
  });

  it("is the same in every frame", async () => {
    const frames = await painted(60, 40, (x, y) => (y < 20 ? (x < 30 ? RED : GREEN) : BLUE))
      .raw()
      .toBuffer();
    const animation = await sharp(frames, { raw: { width: 60, height: 40, channels: 3, pageHeight: 20 } })
      .webp({ delay: [100, 100], lossless: true })
      .toBuffer();
    for (const position of ["west", "focus"] as const) {
      const variant = { width: 20, height: 20, position, animated: true, format: "webp" as const };
      const { outputs } = await thumbnail(animation, { ...ruleOf(variant), focus: "0,0.5" }, limits);
      const [output] = outputs;
      expect(output).toMatchObject({ width: 20, height: 20, frames: 2 });
      expect(difference((await pixelsOf(output?.bytes ?? Buffer.alloc(0), 0)).at(15, 10), RED)).toBeLessThan(
        2 * LOSSY,
      );
      expect(difference((await pixelsOf(output?.bytes ?? Buffer.alloc(0), 1)).at(15, 10), BLUE)).toBeLessThan(
        2 * LOSSY,
      );
    }
  });
});
