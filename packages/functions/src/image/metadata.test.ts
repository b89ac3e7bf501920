import { type OutputFormat, SOURCE_FORMATS } from "@thumbsmith/shared";
import { laden, leaks, SECRET } from "@thumbsmith/testing/metadata";
import { PIXEL_PARTS, partsOf } from "@thumbsmith/testing/parts";
import { sample } from "@thumbsmith/testing/pixels";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { describe, expect, it } from "vitest";
import { thumbnail } from "./thumbnail.ts";

const formats: OutputFormat[] = ["jpeg", "png", "webp", "avif"];
const sources = Object.keys(laden) as (keyof typeof laden)[];

describe("metadata", () => {
  it.each(sources)("is in the source: %s", async (source) => {
    const bytes = await laden[source]();
    expect(await leaks(bytes)).toContain("the secret");
  });

  it.each(sources.flatMap((source) => formats.map((format) => [source, format] as const)))(
    "of a %s is not in a %s",
    async (source, format) => {
      const variants = [
        { format },
        { format, width: 400 },
        { format, fit: "contain", background: "#123456" },
      ] as const;
      const rule = { ...ruleOf(...variants), formats: SOURCE_FORMATS };
      const { outputs } = await thumbnail(await laden[source](), rule, limits);
      expect(outputs).toHaveLength(3);
      for (const { bytes } of outputs) {
        expect(await leaks(bytes)).toEqual([]);
        expect(PIXEL_PARTS[format]).toEqual(expect.arrayContaining(partsOf(bytes, format)));
      }
    },
  );

  it("about where a photograph was taken is not in its thumbnail", async () => {
    const bytes = await sample("two-spaniels-exif-rotated.jpg");
    expect(bytes.includes("Examplar")).toBe(true);
    const { outputs } = await thumbnail(bytes, ruleOf(...formats.map((format) => ({ format }))), limits);
    expect(await Promise.all(outputs.map(({ bytes }) => leaks(bytes)))).toEqual([[], [], [], []]);
  });

  it("of an animation is not in any frame", async () => {
    const { outputs } = await thumbnail(
      await sample("dandelion-zoom.gif"),
      ruleOf({ format: "webp", animated: true, width: 40 }),
      limits,
    );
    expect(outputs[0]?.frames).toBe(14);
    expect(partsOf(outputs[0]?.bytes ?? Buffer.alloc(0), "webp")).toEqual(["ANIM", "ANMF", "VP8 ", "VP8X"]);
  });

  it("is tested in every format that is read", () => {
    expect(sources).toEqual(expect.arrayContaining(SOURCE_FORMATS));
    expect(SECRET).toHaveLength(11);
  });
});
