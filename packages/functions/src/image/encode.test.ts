import type { Variant } from "@thumbsmith/shared";
import { difference, painted, pixelsOf, RED, sample } from "@thumbsmith/testing/pixels";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { thumbnail } from "./thumbnail.ts";

async function encoded(bytes: Uint8Array, variant: Partial<Variant>): Promise<Buffer> {
  const { outputs } = await thumbnail(bytes, ruleOf(variant), limits);
  return outputs[0]?.bytes ?? Buffer.alloc(0);
}

const photo = () => sample("mountain-sunset-baseline.jpg");

describe("an encoder's fields", () => {
  it.each(["jpeg", "png"] as const)("make a %s progressive", async (format) => {
    const bytes = await photo();
    const isProgressive = async (variant: Partial<Variant>) =>
      (await sharp(await encoded(bytes, { format, ...variant })).metadata()).isProgressive;
    expect(await isProgressive({})).toBe(false);
    expect(await isProgressive({ progressive: true })).toBe(true);
  });

  it.each([
    ["jpeg", "4:4:4", true],
    ["jpeg", "4:2:0", false],
    ["avif", "4:4:4", true],
    ["avif", "4:2:0", false],
  ] as const)(
    "keep the colour of each pixel of a %s by %s: %s",
    async (format, chromaSubsampling, isKept) => {
      const stripes = await painted(64, 64, (x) => (x % 2 ? RED : [0, 0, 0]))
        .png()
        .toBuffer();
      const bytes = await encoded(stripes, { width: 64, format, quality: 100, chromaSubsampling });
      expect(difference((await pixelsOf(bytes)).at(31, 32), RED) < 40).toBe(isKept);
    },
  );

  it.each(["webp", "avif"] as const)("keep every pixel of a %s that is lossless", async (format) => {
    const bytes = await sample("fig-in-bowl-alpha.png");
    const pixels = (file: Buffer) => sharp(file).flatten({ background: "#808080" }).raw().toBuffer();
    const [png, lossless, lossy] = await Promise.all(
      [{ format: "png" as const }, { format, lossless: true }, { format }].map(async (variant) =>
        pixels(await encoded(bytes, variant)),
      ),
    );
    expect(lossless?.equals(png ?? Buffer.alloc(0))).toBe(true);
    expect(lossy?.equals(png ?? Buffer.alloc(0))).toBe(false);
  });

  it("give a png a palette, with a quality and an effort", async () => {
    const bytes = await photo();
    const [plain, palette, coarse] = await Promise.all(
      [{}, { palette: true, effort: 1 }, { palette: true, effort: 1, quality: 10 }].map((fields) =>
        encoded(bytes, { format: "png", width: 60, height: 60, ...fields }),
      ),
    );
    expect(await sharp(plain).metadata()).toMatchObject({ isPalette: false });
    expect(await sharp(palette).metadata()).toMatchObject({ isPalette: true });
    expect(palette?.length).toBeLessThan((plain?.length ?? 0) / 2);
    expect(coarse?.length).toBeLessThan((palette?.length ?? 0) / 1.5);
  });

  it.each(["webp", "avif"] as const)("make a %s smaller with more effort", async (format) => {
    const bytes = await photo();
    const [little, much] = await Promise.all(
      [0, 6].map((effort) => encoded(bytes, { format, effort, width: 60, height: 60 })),
    );
    expect(much?.length).toBeLessThan(little?.length ?? 0);
  });

  it("apply only to the formats that have them, if the format is the source's", async () => {
    const fields = { progressive: true, lossless: true, effort: 3, quality: 60 };
    const [jpeg, png, webp] = await Promise.all([
      encoded(await photo(), fields),
      encoded(await sample("fig-in-bowl-alpha.png"), fields),
      encoded(await sample("forest-stream.webp"), fields),
    ]);
    expect(await sharp(jpeg).metadata()).toMatchObject({ format: "jpeg", isProgressive: true });
    expect(await sharp(png).metadata()).toMatchObject({
      format: "png",
      isProgressive: true,
      isPalette: false,
    });
    // The chunk of a lossless WebP.
    expect(webp?.includes("VP8L")).toBe(true);
  });
});
