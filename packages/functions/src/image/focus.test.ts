import { painted, pixelsOf, sample } from "@thumbsmith/testing/pixels";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFocus } from "./focus.ts";
import { cropAround } from "./geometry.ts";
import { thumbnail } from "./thumbnail.ts";

describe("a focus", () => {
  it.each([
    ["0.31,0.2", { x: 0.31, y: 0.2 }],
    [" .5 , 1.0 ", { x: 0.5, y: 1 }],
    ["0,1", { x: 0, y: 1 }],
  ])("is parsed from %j", (text, focus) => {
    expect(readFocus(text)).toEqual({ focus });
  });

  it("is the centre if none is given", () => {
    expect(readFocus(undefined)).toEqual({ focus: { x: 0.5, y: 0.5 } });
  });

  it.each(["", "0.5", "0.5,1.2", "-0.1,0.5", "31%,20%", "0.5,0.5,0.5", "1e-1,0", "NaN,0", "x".repeat(2_000)])(
    "is the centre, with a note, if it is invalid: %j",
    (text) => {
      const { focus, note } = readFocus(text);
      expect(focus).toEqual({ x: 0.5, y: 0.5 });
      expect(note).toMatch(
        /^x-amz-meta-focus: expected fractions .*, found "[^"]{0,40}"\. The centre was kept\.$/,
      );
    },
  );
});

describe("the crop around a point", () => {
  it("has the box's size, stays inside the image, and has the point as near its middle as possible", () => {
    const side = fc.integer({ min: 1, max: 400 });
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(side, side, side, side, fraction, fraction, (width, height, across, down, x, y) => {
        const { covering, crop } = cropAround({ x, y }, { width: across, height: down }, { width, height });
        expect(crop).toMatchObject({ width: across, height: down });
        for (const [start, part, all, at] of [
          [crop.left, across, covering.width, x],
          [crop.top, down, covering.height, y],
        ] as const) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(start + part).toBeLessThanOrEqual(all);
          const off = at * all - (start + part / 2);
          if (off > 0.5) expect(start + part).toBe(all);
          if (off < -0.5) expect(start).toBe(0);
        }
      }),
    );
  });
});

describe("the position focus", () => {
  /** An image that is 300 pixels wide: the red of a pixel is its column. */
  const columns = (orientation = 1) =>
    painted(300, 100, (x) => [Math.floor(x / 2), 0, 0]).withMetadata({ orientation });
  const make = async (bytes: Uint8Array, focus?: string) => {
    const rule = { ...ruleOf({ width: 50, height: 50, position: "focus", format: "png" }), focus };
    const { outputs, notes } = await thumbnail(bytes, rule, limits);
    return { ...(await pixelsOf(outputs[0]?.bytes ?? Buffer.alloc(0))), notes };
  };

  it.each([
    ["0.31,0.2", 93],
    ["0,0", 50],
    ["1,1", 250],
    [undefined, 150],
    ["here", 150],
  ])("of %j keeps what is around column %i", async (focus, column) => {
    const { at, width, height, notes } = await make(await columns().png().toBuffer(), focus);
    expect([width, height]).toEqual([50, 50]);
    expect(Math.abs(2 * (at(25, 25)[0] ?? 0) - column)).toBeLessThan(6);
    expect(notes).toEqual(focus === "here" ? [expect.stringContaining('found "here"')] : undefined);
  });

  it("applies to the image as it is displayed", async () => {
    // The image is stored upside down, so its left is displayed on the right.
    const { at } = await make(await columns(3).jpeg({ quality: 95 }).toBuffer(), "0.9,0.5");
    expect(at(25, 25)[0]).toBeLessThan(40);
  });

  it("at the centre gives the same pixels as the position centre", async () => {
    const bytes = await sample("mountain-sunset-baseline.jpg");
    const outputs = await Promise.all(
      (["focus", "centre"] as const).map(async (position) => {
        const rule = { ...ruleOf({ position, width: 120, height: 77, format: "png" }), thumbHash: true };
        return (await thumbnail(bytes, rule, limits)).outputs[0]?.bytes;
      }),
    );
    expect(outputs[0]?.equals(outputs[1] ?? Buffer.alloc(0))).toBe(true);
  });
});
