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

/** The same image with a restart interval, so that `forAnEighth` leaves nothing out. */
function readWhole(jpeg: Buffer): Buffer {
  const interval = Buffer.from([0xff, 0xdd, 0, 4, 0, 0]);
  const whole = Buffer.concat([jpeg.subarray(0, 2), interval, jpeg.subarray(2)]);
  expect(forAnEighth(whole)).toBe(whole);
  return whole;
}

/** Shrinks a JPEG as the core does: to an eighth on load, then further. */
const small = (jpeg: Uint8Array) =>
  sharp(jpeg, { autoOrient: true, failOn: "error" })
    .resize({ width: 60, height: 60, fastShrinkOnLoad: false })
    .raw()
    .toBuffer()
    .catch(() => "refused" as const);

describe("forAnEighth", () => {
  it.each([
    ["4:2:0 by libjpeg", { chromaSubsampling: "4:2:0" }],
    ["4:2:0 by mozjpeg", { chromaSubsampling: "4:2:0", mozjpeg: true }],
    ["4:4:4 by libjpeg", { chromaSubsampling: "4:4:4" }],
    ["4:4:4 by mozjpeg", { chromaSubsampling: "4:4:4", mozjpeg: true }],
    ["4:2:0 of the worst quality", { chromaSubsampling: "4:2:0", quality: 5 }],
  ])("leaves out what is not needed, and changes no pixel: %s", async (_, options) => {
    const jpeg = await sharp(meadow)
      .jpeg({ ...options, progressive: true })
      .toBuffer();
    const reduced = forAnEighth(jpeg);
    expect(reduced.length).toBeLessThan(jpeg.length);
    expect(await small(reduced)).toEqual(await small(jpeg));
  });

  it("replaces scans that it leaves out by an empty one: the example above `emptyScan`", async () => {
    // 20 × 15 blocks of luma.
    const jpeg = await sharp(meadow).resize(160, 120, { fit: "fill" }).jpeg({ progressive: true }).toBuffer();
    expect(forAnEighth(jpeg).toString("hex")).toMatch(/ffda0008010103013f0082cfffd9$/);
  });

  it.each([[100], [127], [128], [129], [1_025], [1_800]])(
    "changes no pixel of an image that is %i wide",
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
    ["a CMYK one", () => sharp(meadow).toColourspace("cmyk").jpeg({ progressive: true }).toBuffer()],
    ["a truncated one", async () => sample("dandelion-12mp-progressive.jpg").subarray(0, 400_000)],
    ["a PNG", async () => sample("fig-in-bowl-alpha.png")],
    ["nothing", async () => Buffer.alloc(0)],
  ])("does not change %s", async (_, make) => {
    const bytes = await make();
    expect(forAnEighth(bytes)).toBe(bytes);
  });

  it("gives a damaged JPEG the pixels of a full decode, or does not change it", async () => {
    const jpeg = await sharp(meadow).resize(1_600).jpeg({ progressive: true }).toBuffer();
    await fc.assert(
      fc.asyncProperty(fc.nat(jpeg.length - 1), fc.nat(255), async (at, value) => {
        const damaged = Buffer.from(jpeg);
        damaged[at] = value;
        const reduced = forAnEighth(damaged);
        if (reduced === damaged) return;
        const [ours, plain] = [await small(reduced), await small(damaged)];
        // A JPEG that is damaged only in its detail may be refused by a full decode, and made without that detail.
        if (plain !== "refused") expect(ours).toEqual(plain);
      }),
      { numRuns: 100 },
    );
  });
});

describe("thumbnail", () => {
  it("makes the same bytes of a progressive JPEG as from all of its scans", async () => {
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

  it("leaves nothing out of a progressive JPEG if sharp would use it", async () => {
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
