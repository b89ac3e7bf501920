import type { Variant } from "@thumbsmith/shared";
import { difference, pixelsOf, plain, RED, sample } from "@thumbsmith/testing/pixels";
import { makePng } from "@thumbsmith/testing/png";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { LOSSY, make } from "../../test/make.ts";
import { type Output, thumbnail } from "./thumbnail.ts";

describe("the size of a thumbnail", () => {
  it.each<[string, [number, number], Partial<Variant>, [number, number]]>([
    ["cover fills the box from a landscape", [400, 300], {}, [150, 150]],
    ["cover fills the box from a portrait", [300, 400], {}, [150, 150]],
    ["cover fills a box of other proportions", [400, 300], { width: 200, height: 50 }, [200, 50]],
    ["contain pads to the box", [400, 200], { fit: "contain" }, [150, 150]],
    ["inside stays within the box", [400, 200], { fit: "inside" }, [150, 75]],
    ["inside stays within the box from a portrait", [200, 400], { fit: "inside" }, [75, 150]],
    ["inside rounds to whole pixels", [401, 200], { fit: "inside" }, [150, 75]],
    ["only a width keeps the proportions", [400, 200], { width: 100 }, [100, 50]],
    ["only a height keeps the proportions", [400, 200], { height: 100 }, [200, 100]],
    ["a source of the box's size keeps it", [150, 150], {}, [150, 150]],
    ["a smaller source is cropped to the box's proportions by cover", [100, 50], {}, [50, 50]],
    ["a source of the box's proportions is not cropped", [100, 50], { width: 200, height: 100 }, [100, 50]],
    ["a smaller source is not enlarged by inside", [100, 50], { fit: "inside" }, [100, 50]],
    ["a smaller source is not enlarged by a width", [100, 50], { width: 150 }, [100, 50]],
    ["a smaller source is padded, not enlarged, by contain", [100, 50], { fit: "contain" }, [150, 150]],
    [
      "a source that is narrower, but higher, is cropped to the box's proportions",
      [100, 400],
      {},
      [100, 100],
    ],
    ["a source that is lower, but wider, is cropped to the box's proportions", [400, 90], {}, [90, 90]],
    ["a narrower source fills a part of a wide box", [100, 400], { width: 200, height: 50 }, [100, 25]],
    ["a smaller source is enlarged if asked", [100, 50], { withoutEnlargement: false }, [150, 150]],
    [
      "a smaller source is enlarged to a width if asked",
      [100, 50],
      { width: 150, withoutEnlargement: false },
      [150, 75],
    ],
    ["a single pixel stays one", [1, 1], {}, [1, 1]],
    ["a column of one pixel's width", [1, 900], {}, [1, 1]],
    ["a row of one pixel's height", [900, 1], {}, [1, 1]],
    ["a column within the box", [1, 900], { fit: "inside" }, [1, 150]],
    ["a row to a width", [900, 1], { width: 90 }, [90, 1]],
    ["a column, enlarged, to a width", [1, 300], { width: 150, withoutEnlargement: false }, [55, 16383]],
  ])("%s", async (_, [width, height], variant, [across, down]) => {
    const output = await make(makePng({ width, height }), variant);
    expect(output).toMatchObject({ width: across, height: down });
    expect(await pixelsOf(output.bytes)).toMatchObject({ width: across, height: down });
  });

  it.each(["jpeg", "png", "webp", "avif"] as const)("is limited by what a %s can hold", async (format) => {
    const output = await make(makePng({ width: 2, height: 40_000 }), { width: 150, format });
    expect(output).toMatchObject({ width: 1, height: 16_383 });
  });

  it.each(["attention", "entropy"] as const)("of a smaller source is the same with %s", async (position) => {
    const bytes = await sharp(await sample("autumn-meadow-baseline.jpg"))
      .resize(100, 400)
      .toBuffer();
    expect(await make(bytes, { position })).toMatchObject({ width: 100, height: 100 });
  });

  it("has the box's proportions with cover, within a pixel, and no side longer than the source's", async () => {
    const side = fc.integer({ min: 1, max: 90 });
    const position = fc.constantFrom("centre", "attention", "entropy");
    await fc.assert(
      fc.asyncProperty(side, side, side, side, position, async (width, height, across, down, position) => {
        const output = await make(makePng({ width, height }), { width: across, height: down, position });
        // The largest part of the source with the box's proportions, scaled down to the box.
        const scale = Math.min(1, width / across, height / down);
        expect(output.width).toBeLessThanOrEqual(width);
        expect(output.height).toBeLessThanOrEqual(height);
        expect(Math.abs(output.width - across * scale)).toBeLessThan(1);
        expect(Math.abs(output.height - down * scale)).toBeLessThan(1);
      }),
      { numRuns: 200 },
    );
  });

  it("is reported for the source as displayed", async () => {
    const lying = await plain(40, 20, RED).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { source } = await thumbnail(lying, ruleOf({}), limits);
    expect(source).toEqual({ format: "jpeg", width: 20, height: 40 });
  });

  it("makes the variants in the rule's order", async () => {
    const rule = ruleOf({ width: 10 }, { width: 30, format: "webp" }, { width: 20, format: "png" });
    const { outputs } = await thumbnail(await sample("forest-stream.webp"), rule, limits);
    expect(outputs.map(({ format, width }) => [format, width])).toEqual([
      ["webp", 10],
      ["webp", 30],
      ["png", 20],
    ]);
  });
});

describe("the format of a thumbnail", () => {
  const red = () => plain(20, 10, RED);
  it.each<[string, () => Promise<Buffer>, Output["format"]]>([
    ["jpeg", () => red().jpeg().toBuffer(), "jpeg"],
    ["png", () => red().png().toBuffer(), "png"],
    ["webp", () => red().webp().toBuffer(), "webp"],
    ["avif", () => red().avif().toBuffer(), "avif"],
    ["gif", () => red().gif().toBuffer(), "png"],
    ["tiff", () => red().tiff().toBuffer(), "jpeg"],
  ])("of a %s follows the source's by default", async (source, bytes, format) => {
    const made = await thumbnail(await bytes(), ruleOf({}), limits);
    expect(made.source.format).toBe(source);
    expect(made.outputs[0]?.format).toBe(format);
  });

  it("follows the bytes", async () => {
    const { source } = await thumbnail(await red().png().toBuffer(), ruleOf({}), limits);
    expect(source.format).toBe("png");
  });
});

describe("a ThumbHash", () => {
  const ruleWithHash = { ...ruleOf({}), thumbHash: true };

  it("is made only if the rule asks for it", async () => {
    const made = await thumbnail(makePng({ width: 40, height: 30 }), ruleOf({}), limits);
    expect(made).not.toHaveProperty("thumbHash");
  });

  it("has the colours and proportions of the whole image", async () => {
    const { thumbHashToAverageRGBA, thumbHashToApproximateAspectRatio } = await import("thumbhash");
    const bytes = await plain(400, 200, [200, 40, 30]).png().toBuffer();
    const { thumbHash = "" } = await thumbnail(bytes, ruleWithHash, limits);
    const hash = Buffer.from(thumbHash, "base64");
    const { r, g, b, a } = thumbHashToAverageRGBA(hash);
    expect(difference([255 * r, 255 * g, 255 * b, 255 * a], [200, 40, 30, 255])).toBeLessThan(LOSSY);
    expect(thumbHashToApproximateAspectRatio(hash)).toBeCloseTo(7 / 4, 1);
  });

  it.each([
    ["a photograph", () => sample("two-spaniels-exif-rotated.jpg")],
    ["an image with transparency", () => sample("fig-in-bowl-alpha.png")],
    ["a grey image", async () => makePng({ width: 30, height: 40, colour: "grey", fill: [90] })],
    ["a row", async () => makePng({ width: 900, height: 1 })],
    ["a column", async () => makePng({ width: 1, height: 900 })],
    ["a pixel", async () => makePng({ width: 1, height: 1 })],
  ])("of %s takes at most 25 bytes", async (_, bytes) => {
    const { thumbHash = "" } = await thumbnail(await bytes(), ruleWithHash, limits);
    const { length } = Buffer.from(thumbHash, "base64");
    expect(length).toBeGreaterThan(4);
    expect(length).toBeLessThanOrEqual(25);
  });
});

describe("the bytes of a thumbnail", () => {
  it.each(["jpeg", "png", "webp", "avif"] as const)("are the same each time: %s", async (format) => {
    const bytes = await sample("fig-in-bowl-alpha.png");
    const [first, ...others] = await Promise.all(
      [1, 2, 3, 4].map(async () =>
        (await make(bytes, { format, position: "attention" })).bytes.toString("hex"),
      ),
    );
    expect(others).toEqual([first, first, first]);
  });
});
