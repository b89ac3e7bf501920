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
/** A layer that covers the lower half of an image. */
const half = (background: string) => ({
  input: { create: { width: 60, height: 20, channels: 4 as const, background } },
  gravity: "south" as const,
});

describe("an edit", () => {
  it("gets the resized image and its size, and its result is encoded", async () => {
    let given: unknown;
    const { bytes } = await make(await red(), async (image, size) => {
      given = { size, format: (await image.metadata()).format };
      return image.composite([half("#0000ff")]);
    });
    expect(given).toEqual({ size: { width: 60, height: 40 }, format: "raw" });
    const { at, channels } = await pixelsOf(bytes);
    expect([at(30, 5), at(30, 35)]).toEqual([RED, BLUE]);
    // The result is opaque, so it has no alpha channel.
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

  it("that adds transparency gets the background in a jpeg, and stays transparent in a png", async () => {
    const cut: Apply = (image) => image.composite([{ ...half("#000000ff"), blend: "dest-out" }]);
    const jpeg = await pixelsOf((await make(await red(), cut, { format: "jpeg" })).bytes);
    expect(difference(jpeg.at(30, 35), WHITE)).toBeLessThan(12);
    expect(difference(jpeg.at(30, 5), RED)).toBeLessThan(12);
    expect((await pixelsOf((await make(await red(), cut)).bytes)).at(30, 35)[3]).toBe(0);
  });

  it("may change the size, which the output then reports", async () => {
    const { bytes, ...facts } = await make(await red(), (image) =>
      image.extend({ top: 10, bottom: 10, left: 10, right: 10, background: "#0000ff" }),
    );
    expect(facts).toEqual({ format: "png", width: 80, height: 60 });
    expect((await pixelsOf(bytes)).at(5, 5)).toEqual(BLUE);
  });

  it("applies only to its own variant, also if that is the only one of a JPEG", async () => {
    const bytes = await plain(120, 80, RED).jpeg().toBuffer();
    const edit = { name: "mine-1", apply: ((image) => image.composite([half("#0000ff")])) as Apply };
    const box = { width: 60, height: 40, format: "png" as const };
    const { outputs } = await thumbnail(bytes, ruleOf({ ...box, edit }, box), limits);
    const lower = await Promise.all(outputs.map(async ({ bytes }) => (await pixelsOf(bytes)).at(30, 35)));
    expect(difference(lower[0] ?? [], BLUE)).toBeLessThan(12);
    expect(difference(lower[1] ?? [], RED)).toBeLessThan(12);
    const single = await make(bytes, edit.apply);
    expect(difference((await pixelsOf(single.bytes)).at(30, 35), BLUE)).toBeLessThan(12);
  });

  it("may set an encoder, which the variant's overrides", async () => {
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
      "fails when its pixels are computed",
      (image) => image.composite([{ input: Buffer.from("<svg/>") }]),
      "unsupported image format",
    ],
    [
      "returns nothing",
      () => undefined as never,
      "Expected it to return an image of sharp, found undefined.",
    ],
    [
      "returns bytes",
      () => Buffer.from("x") as never,
      "Expected it to return an image of sharp, found object.",
    ],
    [
      "returns far more pixels",
      (image) => image.resize(2_000, 1_000),
      "Expected at most 1000000 pixels and sides of at most 16383 for an image of 60 × 40, found 2000 × 1000.",
    ],
    [
      "returns a side that is too long for a format",
      (image) => image.resize(16_384, 1, { fit: "fill" }),
      "found 16384 × 1",
    ],
    ["returns CMYK", (image) => image.toColourspace("cmyk"), "Expected grey or RGB, found other colours."],
    ["never ends", () => new Promise(() => {}), "It took longer than `limits.seconds`."],
  ])(
    "that %s makes the job fail with the edit's name, and does not reject the image",
    async (_, apply, message) => {
      const failing = make(await red(), apply, {}, 1);
      await expect(failing).rejects.toThrow(ThumbsmithError);
      await expect(failing).rejects.toMatchObject({ code: "edit-failed", kind: "failed" });
      await expect(failing).rejects.toThrow(`The edit "mine-1" failed: `);
      await expect(failing).rejects.toThrow(message);
    },
  );
});
