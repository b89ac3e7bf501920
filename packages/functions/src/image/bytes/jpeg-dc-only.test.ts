import { readFileSync } from "node:fs";
import type { Variant } from "@thumbsmith/shared";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sharp } from "../sharp.ts";
import { thumbnail } from "../thumbnail.ts";
import { forAnEighth } from "./jpeg-dc-only.ts";

const sample = (name: string) => readFileSync(new URL(`../../../../../samples/${name}`, import.meta.url));
const meadow = sample("autumn-meadow-baseline.jpg");

/** The same picture, of which nothing is left out: a restart interval is not of the usual kind. */
function readWhole(jpeg: Buffer): Buffer {
  const interval = Buffer.from([0xff, 0xdd, 0, 4, 0, 0]);
  const whole = Buffer.concat([jpeg.subarray(0, 2), interval, jpeg.subarray(2)]);
  expect(forAnEighth(whole)).toBe(whole);
  return whole;
}

/** As the core does it: to an eighth, and on from there. */
const small = (jpeg: Uint8Array) =>
  sharp(jpeg, { autoOrient: true, failOn: "error" })
    .resize({ width: 60, height: 60, fastShrinkOnLoad: false })
    .raw()
    .toBuffer()
    .catch(() => "refused" as const);

describe("forAnEighth", () => {
  it.each([
    ["4:2:0, as libjpeg", { chromaSubsampling: "4:2:0" }],
    ["4:2:0, as mozjpeg", { chromaSubsampling: "4:2:0", mozjpeg: true }],
    ["4:4:4, as libjpeg", { chromaSubsampling: "4:4:4" }],
    ["4:4:4, as mozjpeg", { chromaSubsampling: "4:4:4", mozjpeg: true }],
    ["4:2:0 of the worst quality", { chromaSubsampling: "4:2:0", quality: 5 }],
  ])("leaves out what is not needed of a %s JPEG, and changes no pixel", async (_, options) => {
    const jpeg = await sharp(meadow)
      .jpeg({ ...options, progressive: true })
      .toBuffer();
    const reduced = forAnEighth(jpeg);
    expect(reduced.length).toBeLessThan(jpeg.length);
    expect(await small(reduced)).toEqual(await small(jpeg));
  });

  it("puts an empty scan in place of those left out: the example above `emptyScan`", async () => {
    // 20 × 15 blocks of luma.
    const jpeg = await sharp(meadow).resize(160, 120, { fit: "fill" }).jpeg({ progressive: true }).toBuffer();
    expect(forAnEighth(jpeg).toString("hex")).toMatch(/ffda0008010103013f0082cfffd9$/);
  });

  it.each([[100], [127], [128], [129], [1_025], [1_800]])(
    "changes no pixel of a picture %i wide",
    async (width) => {
      const jpeg = await sharp(meadow)
        .resize(width, 1_100, { fit: "fill" })
        .jpeg({ progressive: true })
        .toBuffer();
      const reduced = forAnEighth(jpeg);
      const eighth = (input: Uint8Array) =>
        sharp(input).resize({ height: 60, width: 60, fit: "inside" }).raw().toBuffer();
      expect(await eighth(reduced)).toEqual(await eighth(jpeg));
    },
  );

  it.each<[string, () => Promise<Buffer>]>([
    ["a baseline JPEG", async () => meadow],
    [
      "a grey one",
      () => sharp(meadow).greyscale().toColourspace("b-w").jpeg({ progressive: true }).toBuffer(),
    ],
    ["one of four inks", () => sharp(meadow).toColourspace("cmyk").jpeg({ progressive: true }).toBuffer()],
    ["one that was cut", async () => sample("dandelion-12mp-progressive.jpg").subarray(0, 400_000)],
    ["a PNG", async () => sample("fig-in-bowl-alpha.png")],
    ["nothing", async () => Buffer.alloc(0)],
  ])("leaves %s as it is", async (_, make) => {
    const bytes = await make();
    expect(forAnEighth(bytes)).toBe(bytes);
  });

  it("does to a damaged JPEG what a whole decode does, or leaves it", async () => {
    const jpeg = await sharp(meadow).resize(1_600).jpeg({ progressive: true }).toBuffer();
    await fc.assert(
      fc.asyncProperty(fc.nat(jpeg.length - 1), fc.nat(255), async (at, value) => {
        const damaged = Buffer.from(jpeg);
        damaged[at] = value;
        const reduced = forAnEighth(damaged);
        if (reduced === damaged) return;
        const [ours, plain] = [await small(reduced), await small(damaged)];
        // What was damaged in the detail alone may be made of the rest.
        if (plain !== "refused") expect(ours).toEqual(plain);
      }),
      { numRuns: 100 },
    );
  });
});

describe("thumbnail", () => {
  it("makes the same bytes of a progressive JPEG, whole or not", async () => {
    const rule = ruleOf(
      { width: 90, height: 90, position: "attention" },
      { width: 120 },
      { width: 60, height: 40, fit: "contain", format: "webp" },
    );
    const jpeg = await sharp(meadow)
      .keepMetadata()
      .withMetadata({ orientation: 6 })
      .jpeg({ progressive: true })
      .toBuffer();
    const { outputs } = await thumbnail(jpeg, rule, limits);
    expect(outputs).toEqual((await thumbnail(readWhole(jpeg), rule, limits)).outputs);
  });

  it("leaves nothing out of a progressive JPEG that sharp would read", async () => {
    const side = fc.integer({ min: 100, max: 900 });
    const box = fc.record({
      width: fc.integer({ min: 6, max: 60 }),
      height: fc.integer({ min: 6, max: 60 }),
    });
    const fit = fc.constantFrom("cover", "contain", "inside");
    const check = async (width: number, height: number, variant: Partial<Variant>) => {
      const jpeg = await sharp(meadow)
        .resize(width, height, { fit: "fill" })
        .jpeg({ progressive: true })
        .toBuffer();
      const { outputs } = await thumbnail(jpeg, ruleOf(variant), limits);
      expect(outputs).toEqual((await thumbnail(readWhole(jpeg), ruleOf(variant), limits)).outputs);
    };
    await fc.assert(
      fc.asyncProperty(side, side, box, fit, (width, height, box, fit) =>
        check(width, height, { ...box, fit }),
      ),
      { numRuns: 100 },
    );
  });
});
