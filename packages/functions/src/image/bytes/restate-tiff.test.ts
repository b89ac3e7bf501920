import { pixelsOf } from "@thumbsmith/testing/pixels";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { type Field, type Layout, makeRasterTiff, makeTiff, type Raster } from "@thumbsmith/testing/tiff";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { thumbnail } from "../thumbnail.ts";
import { tiffKind } from "../tiff-kinds.ts";
import { restateTiff } from "./restate-tiff.ts";

const raster = (fields: Omit<Raster, "width" | "height">) =>
  makeRasterTiff({ width: 8, height: 8, ...fields });

async function colourOf(tiff: Uint8Array) {
  const { outputs } = await thumbnail(tiff, ruleOf({ width: 20, format: "png" }), limits);
  return (await pixelsOf(outputs[0]?.bytes ?? Buffer.alloc(0))).at(0, 0);
}

describe("a TIFF with an entry of an unknown type", () => {
  const unknown = [40_000, "unknown", [1]] as const;

  it.each<[string, Layout]>([
    ["little-endian", {}],
    ["big-endian", { isBigEndian: true }],
    ["a BigTIFF", { isBig: true }],
    ["a big-endian BigTIFF", { isBig: true, isBigEndian: true }],
  ])("is made: %s", async (_, layout) => {
    const tiff = raster({ fill: [200, 120, 90], fields: [unknown], layout });
    await expect(sharp(tiff, { failOn: "error" }).raw().toBuffer()).rejects.toThrow(/tag 40000/);
    expect(await colourOf(tiff)).toEqual([200, 120, 90]);
  });

  it("is made if the tag is known", async () => {
    const tiff = raster({ fill: [200, 120, 90], fields: [[270, "unknown", [1]]] });
    expect(await colourOf(tiff)).toEqual([200, 120, 90]);
  });

  it("is made if the entry is in another page", async () => {
    const page: Field[] = [
      [256, "long", [1]],
      [257, "long", [1]],
      [258, "short", [8]],
      [262, "short", [1]],
      [273, "long", [0]],
      [279, "long", [1]],
    ];
    const tiff = makeTiff([page, [...page, unknown]], Buffer.of(90));
    expect(await colourOf(tiff)).toEqual([90, 90, 90]);
  });

  it("is copied, not changed in place, and other files are not copied", () => {
    const tiff = raster({ fill: [200, 120, 90], fields: [unknown] });
    const before = Buffer.from(tiff);
    expect(restateTiff(tiff)).not.toEqual(before);
    expect(tiff).toEqual(before);
    const plain = raster({ fill: [200, 120, 90] });
    expect(restateTiff(plain)).toBe(plain);
  });
});

describe("a TIFF's header", () => {
  const tiffs = [{}, { isBig: true }, { isBigEndian: true }].map((layout) =>
    raster({ fill: [1, 2, 3, 4, 5], fields: [[40_000, "unknown", [1]]], layout }).subarray(0, 400),
  );

  it("is read without an error if it is damaged or cut", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...tiffs),
        fc.array(fc.tuple(fc.nat(399), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), { maxLength: 8 }),
        fc.nat(400),
        (tiff, changes, end) => {
          const damaged = Buffer.from(tiff.subarray(0, end));
          for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
          expect(tiffKind(damaged).keep?.length ?? 3).toBeLessThan(5);
          expect(restateTiff(damaged).length).toBe(damaged.length);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it("is not read forever if its directories form a cycle", () => {
    const tiff = raster({ fill: [1, 2, 3], fields: [[40_000, "unknown", [1]]] });
    const entries = tiff.readUInt16LE(8);
    tiff.writeUInt32LE(8, 10 + 12 * entries);
    expect(restateTiff(tiff).length).toBe(tiff.length);
  });
});
