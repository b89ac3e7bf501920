import type { Variant } from "@thumbsmith/shared";
import { painted, pixelsOf, sample } from "@thumbsmith/testing/pixels";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Size, scaleOf } from "./geometry.ts";
import { sharp } from "./sharp.ts";
import { thumbnail } from "./thumbnail.ts";

/** The usual way with sharp: a decode for each variant. */
function plain(bytes: Buffer, { width, height, ...rest }: Partial<Variant>) {
  return sharp(bytes, { autoOrient: true })
    .resize({ width, height, withoutEnlargement: true, fastShrinkOnLoad: false, ...rest })
    .png()
    .toBuffer();
}

async function make(bytes: Buffer, ...variants: Partial<Variant>[]) {
  const { outputs } = await thumbnail(bytes, ruleOf(...variants), limits);
  return outputs;
}

/** The average difference of two images, of 255. */
async function distance(a: Uint8Array, b: Uint8Array): Promise<number> {
  const [one, other] = await Promise.all([a, b].map((bytes) => sharp(bytes).raw().toBuffer()));
  if (one?.length !== other?.length) return Number.POSITIVE_INFINITY;
  const apart = one?.reduce((sum, value, i) => sum + Math.abs(value - (other?.[i] ?? 0)), 0) ?? 0;
  return apart / (one?.length || 1);
}

describe("a single variant", () => {
  it.each<[string, Partial<Variant>]>([
    ["autumn-meadow-baseline.jpg", { width: 150, height: 150, fit: "cover" }],
    ["dandelion-12mp-progressive.jpg", { width: 150, height: 150, fit: "cover" }],
    ["two-spaniels-exif-rotated.jpg", { width: 150, height: 150, fit: "cover", position: "attention" }],
    ["two-spaniels-exif-rotated.jpg", { width: 90, height: 200, fit: "contain", background: "#ff0000" }],
    ["forest-stream.webp", { width: 200, height: 100, fit: "cover", position: "entropy" }],
    ["fig-in-bowl-alpha.png", { width: 120, height: 120, fit: "inside" }],
    ["autumn-meadow-baseline.jpg", { width: 61 }],
    ["autumn-meadow-baseline.jpg", { width: 76, height: 90, fit: "inside" }],
  ])("of %s has the pixels that plain sharp makes", async (name, variant) => {
    const bytes = await sample(name);
    const [output] = await make(bytes, { ...variant, format: "png" });
    expect(await distance(output?.bytes ?? Buffer.alloc(0), await plain(bytes, variant))).toBe(0);
  });
});

it("an animation has the pixels that plain sharp makes", async () => {
  const film = await sharp(await sample("dandelion-zoom.gif"), { animated: true })
    .webp({ effort: 0 })
    .toBuffer();
  const variant = { width: 40, format: "webp", animated: true } as const;
  const [output] = await make(film, variant);
  const expected = await sharp(film, { animated: true })
    .resize({ width: 40, fastShrinkOnLoad: false })
    .webp({ quality: 82, effort: 2 })
    .toBuffer();
  expect(output?.frames).toBeGreaterThan(1);
  expect(await distance(output?.bytes ?? Buffer.alloc(0), expected)).toBe(0);
});

describe("several variants of one decode", () => {
  const side = fc.integer({ min: 1, max: 300 });
  const variant = fc
    .record({
      width: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
      height: fc.integer({ min: 1, max: 200 }),
      fit: fc.constantFrom("cover", "contain", "inside"),
      withoutEnlargement: fc.boolean(),
      format: fc.constant("png"),
    } as const)
    .filter(({ fit, width }) => fit !== "contain" || width !== undefined);

  /** At exactly half a pixel, sharp may round up or down. */
  const isTie = (picture: Size, variant: Parameters<typeof scaleOf>[0]) =>
    [picture.width, picture.height].some(
      (side) => Math.abs(((side * scaleOf(variant, picture)) % 1) - 0.5) < 1e-6,
    );

  it("have the same sizes as from a decode each", async () => {
    await fc.assert(
      fc.asyncProperty(
        side,
        side,
        fc.array(variant, { minLength: 2, maxLength: 4 }),
        async (width, height, variants) => {
          fc.pre(!variants.some((variant) => isTie({ width, height }, variant)));
          const bytes = await painted(width, height, (x, y) => [x % 256, y % 256, 90])
            .png()
            .toBuffer();
          const together = await make(bytes, ...variants);
          const single = await Promise.all(variants.map((variant) => make(bytes, variant)));
          const sizes = together.map(({ width, height }) => [width, height]);
          expect(sizes).toEqual(single.map(([output]) => [output?.width, output?.height]));
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each([
    "autumn-meadow-baseline.jpg",
    "dandelion-12mp-progressive.jpg",
    "two-spaniels-exif-rotated.jpg",
    "forest-stream.webp",
    "fig-in-bowl-alpha.png",
  ])("look the same as from a decode each: %s", async (name) => {
    const bytes = await sample(name);
    const variants = [
      { width: 96, height: 96, fit: "cover", format: "png" },
      { width: 150, height: 150, fit: "contain", format: "png" },
      { width: 320, format: "png" },
      { width: 640, height: 360, fit: "cover", format: "png" },
    ] as const;
    const together = await make(bytes, ...variants);
    for (const [i, variant] of variants.entries()) {
      const [single] = await make(bytes, variant);
      const apart = await distance(together[i]?.bytes ?? Buffer.alloc(0), single?.bytes ?? Buffer.alloc(0));
      expect(apart, `${variant.width}`).toBeLessThan(5);
    }
  });

  it("have all pixels that an enlarged one among them needs", async () => {
    const bytes = await painted(40, 20, () => [10, 200, 30])
      .png()
      .toBuffer();
    const [enlarged, small] = await make(
      bytes,
      { width: 200, withoutEnlargement: false },
      { width: 10, height: 10 },
    );
    expect(await pixelsOf(enlarged?.bytes ?? Buffer.alloc(0))).toMatchObject({ width: 200, height: 100 });
    expect(small).toMatchObject({ width: 10, height: 10 });
  });
});

describe("a rule with one variant, whose JPEGs are made in one pipeline", () => {
  const sources: [string, (jpeg: Buffer) => Promise<Buffer> | Buffer][] = [
    ["as it is", (jpeg) => jpeg],
    ["of 1 megapixel", (jpeg) => sharp(jpeg).resize(1_224, 816).jpeg().toBuffer()],
    ["smaller than its box", (jpeg) => sharp(jpeg).resize(120, 90).jpeg().toBuffer()],
    ["progressive", (jpeg) => sharp(jpeg).resize(2_600).jpeg({ progressive: true }).toBuffer()],
    ["in grey", (jpeg) => sharp(jpeg).greyscale().jpeg().toBuffer()],
    ["in CMYK", (jpeg) => sharp(jpeg).toColourspace("cmyk").jpeg().toBuffer()],
    ["with an orientation", (jpeg) => sharp(jpeg).withMetadata({ orientation: 6 }).jpeg().toBuffer()],
    ["without its end", (jpeg) => jpeg.subarray(0, -2)],
  ];
  const variants: [string, Partial<Variant>][] = [
    ["cover", {}],
    ["the part that draws the eye", { position: "attention" }],
    ["inside", { fit: "inside", width: 200 }],
    ["contain, as webp", { fit: "contain", format: "webp", background: "transparent" }],
  ];

  it.each(
    sources.flatMap(([source, edit]) => variants.map(([box, variant]) => ({ source, edit, box, variant }))),
  )("makes the same bytes as with other variants: $source, $box", async ({ edit, variant }) => {
    const jpeg = await edit(await sample("mountain-sunset-baseline.jpg"));
    const [single] = await make(jpeg, variant);
    const [first, second] = await make(jpeg, variant, variant);
    expect(first?.bytes.equals(second?.bytes ?? Buffer.alloc(0))).toBe(true);
    expect(single?.bytes.equals(first?.bytes ?? Buffer.alloc(0))).toBe(true);
  });
});
