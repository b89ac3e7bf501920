import type { Variant } from "@thumbsmith/shared";
import {
  BLUE,
  type Colour,
  difference,
  GREEN,
  painted,
  pixelsOf,
  plain,
  RED,
  sample,
  WHITE,
} from "@thumbsmith/testing/pixels";
import { makePng } from "@thumbsmith/testing/png";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { makeTiff } from "@thumbsmith/testing/tiff";
import fc from "fast-check";
import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { type Output, thumbnail } from "./thumbnail.ts";

async function make(bytes: Uint8Array, variant: Partial<Variant> = {}): Promise<Output> {
  const { outputs } = await thumbnail(bytes, ruleOf(variant), limits);
  const [output] = outputs;
  if (!output) throw new Error("one output is made for each variant");
  return output;
}

/** How much an encoder may change a plain colour, of 255. */
const LOSSY = 12;

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

describe("orientation", () => {
  // Stored with red and green in the upper corners, blue and white in the lower ones.
  const stored = () => painted(64, 32, (x, y) => (y < 16 ? (x < 32 ? RED : GREEN) : x < 32 ? BLUE : WHITE));
  it.each<[number, Colour[]]>([
    [1, [RED, GREEN, BLUE, WHITE]],
    [2, [GREEN, RED, WHITE, BLUE]],
    [3, [WHITE, BLUE, GREEN, RED]],
    [4, [BLUE, WHITE, RED, GREEN]],
    [5, [RED, BLUE, GREEN, WHITE]],
    [6, [BLUE, RED, WHITE, GREEN]],
    [7, [WHITE, GREEN, BLUE, RED]],
    [8, [GREEN, WHITE, RED, BLUE]],
  ])("%i is applied", async (orientation, corners) => {
    const bytes = await stored().withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
    const output = await make(bytes, { width: 16, format: "png" });
    const { at, width, height } = await pixelsOf(output.bytes);
    expect([width, height]).toEqual(orientation < 5 ? [16, 8] : [16, 32]);
    const found = [at(1, 1), at(-2, 1), at(1, -2), at(-2, -2)];
    for (const [i, corner] of corners.entries())
      expect(difference(found[i] ?? [], corner)).toBeLessThan(LOSSY);
  });

  it.each(["png", "webp", "tiff", "avif"] as const)("is applied to a %s", async (format) => {
    const bytes = await stored().withMetadata({ orientation: 6 }).toFormat(format).toBuffer();
    const { at } = await pixelsOf((await make(bytes, { width: 16, format: "png" })).bytes);
    expect(difference(at(-3, 2), RED)).toBeLessThan(2 * LOSSY);
    expect(difference(at(2, 2), BLUE)).toBeLessThan(2 * LOSSY);
  });

  it("is applied before the box, which is upright", async () => {
    const bytes = await stored().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await make(bytes, { width: 8, height: 24 })).toMatchObject({ width: 8, height: 24 });
  });

  it.each([0, 9, 255])("%i, which does not exist, is ignored", async (orientation) => {
    const exif = makeTiff([[[0x0112, "short", [orientation]]]]);
    const bytes = await stored()
      .withExif({ IFD0: { Copyright: "x" } })
      .jpeg()
      .toBuffer();
    const end = bytes.indexOf("Exif\0\0");
    const length = bytes.readUInt16BE(end - 2);
    const block = Buffer.concat([Buffer.from("\xff\xe1\0\0Exif\0\0", "latin1"), exif]);
    block.writeUInt16BE(block.length - 2, 2);
    const changed = Buffer.concat([bytes.subarray(0, end - 4), block, bytes.subarray(end - 2 + length)]);
    expect(await make(changed, { width: 16 })).toMatchObject({ width: 16, height: 8 });
  });
});

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
