import { ThumbsmithError, type Variant } from "@thumbsmith/shared";
import { BLUE, difference, pixelsOf, plain, RED, sample, WHITE } from "@thumbsmith/testing/pixels";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { describe, expect, it } from "vitest";
import { type Output, thumbnail } from "./thumbnail.ts";

type Apply = NonNullable<Variant["edit"]>["apply"];

async function make(
  bytes: Uint8Array,
  apply: Apply,
  variant: Partial<Variant> = {},
  seconds = limits.seconds,
) {
  const rule = ruleOf({ width: 60, height: 40, format: "png", edit: { name: "mine-1", apply }, ...variant });
  const { outputs } = await thumbnail(bytes, rule, { ...limits, seconds });
  return outputs[0] as Output;
}

const red = () => plain(120, 80, RED).png().toBuffer();
/** The lower half of a picture. */
const half = (background: string) => ({
  input: { create: { width: 60, height: 20, channels: 4 as const, background } },
  gravity: "south" as const,
});

describe("an edit", () => {
  it("is given the resized picture and its size, and its answer is what is written", async () => {
    let given: unknown;
    const { bytes } = await make(await red(), async (image, size) => {
      given = { size, format: (await image.metadata()).format };
      return image.composite([half("#0000ff")]);
    });
    expect(given).toEqual({ size: { width: 60, height: 40 }, format: "raw" });
    const { at, channels } = await pixelsOf(bytes);
    expect([at(30, 5), at(30, 35)]).toEqual([RED, BLUE]);
    // Nothing of it can be seen through.
    expect(channels).toBe(3);
  });

  it.each(["jpeg", "png", "webp", "avif"] as const)("is encoded as a %s", async (format) => {
    const output = await make(await sample("two-spaniels-exif-rotated.jpg"), (image) => image.greyscale(), {
      format,
    });
    expect(output).toMatchObject({ format, width: 60, height: 40 });
    const { at, channels } = await pixelsOf(output.bytes);
    const [r = 0, g = 0, b = 0] = channels < 3 ? Array(3).fill(at(30, 20)[0]) : at(30, 20);
    expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(4);
  });

  it("that makes transparent is laid on the background in a jpeg, and not in a png", async () => {
    const cut: Apply = (image) => image.composite([{ ...half("#000000ff"), blend: "dest-out" }]);
    const jpeg = await pixelsOf((await make(await red(), cut, { format: "jpeg" })).bytes);
    expect(difference(jpeg.at(30, 35), WHITE)).toBeLessThan(12);
    expect(difference(jpeg.at(30, 5), RED)).toBeLessThan(12);
    expect((await pixelsOf((await make(await red(), cut)).bytes)).at(30, 35)[3]).toBe(0);
  });

  it("may change the size, and the output's is that of what is written", async () => {
    const { bytes, ...facts } = await make(await red(), (image) =>
      image.extend({ top: 10, bottom: 10, left: 10, right: 10, background: "#0000ff" }),
    );
    expect(facts).toEqual({ format: "png", width: 80, height: 60 });
    expect((await pixelsOf(bytes)).at(5, 5)).toEqual(BLUE);
  });

  it("is of its own variant only, also where that is the only one of a JPEG", async () => {
    const bytes = await plain(120, 80, RED).jpeg().toBuffer();
    const edit = { name: "mine-1", apply: ((image) => image.composite([half("#0000ff")])) as Apply };
    const box = { width: 60, height: 40, format: "png" as const };
    const { outputs } = await thumbnail(bytes, ruleOf({ ...box, edit }, box), limits);
    const lower = await Promise.all(outputs.map(async ({ bytes }) => (await pixelsOf(bytes)).at(30, 35)));
    expect(difference(lower[0] ?? [], BLUE)).toBeLessThan(12);
    expect(difference(lower[1] ?? [], RED)).toBeLessThan(12);
    const alone = await make(bytes, edit.apply);
    expect(difference((await pixelsOf(alone.bytes)).at(30, 35), BLUE)).toBeLessThan(12);
  });

  it("works in the settings of any other sharp, such as an encoder of its own, and ours decides", async () => {
    expect(await make(await red(), (image) => image.webp().resize(30, 20))).toMatchObject({
      ...{ format: "png", width: 30, height: 20 },
    });
  });

  it.each<[string, Apply, string]>([
    [
      "throws",
      () => {
        throw new Error("no such font");
      },
      "no such font",
    ],
    ["rejects", () => Promise.reject(new Error("no such font")), "no such font"],
    [
      "fails as it is drawn",
      (image) => image.composite([{ input: Buffer.from("<svg/>") }]),
      "unsupported image format",
    ],
    ["returns nothing", () => undefined as never, "Expected it to return the picture, found undefined."],
    ["returns bytes", () => Buffer.from("x") as never, "Expected it to return the picture, found object."],
    [
      "returns far more pixels",
      (image) => image.resize(2_000, 1_000),
      "Expected at most 1000000 pixels and sides of at most 16383 of a picture of 60 × 40, found 2000 × 1000.",
    ],
    [
      "returns a side that no format holds",
      (image) => image.resize(16_384, 1, { fit: "fill" }),
      "found 16384 × 1",
    ],
    ["returns inks", (image) => image.toColourspace("cmyk"), "Expected grey or RGB, found other colours."],
    ["never ends", () => new Promise(() => {}), "It was not done within `limits.seconds`."],
  ])("that %s fails the job by its name, and not the image", async (_, apply, message) => {
    const failing = make(await red(), apply, {}, 1);
    await expect(failing).rejects.toThrow(ThumbsmithError);
    await expect(failing).rejects.toMatchObject({ code: "edit-failed", kind: "failed" });
    await expect(failing).rejects.toThrow(`The edit "mine-1" failed: `);
    await expect(failing).rejects.toThrow(message);
  });
});
