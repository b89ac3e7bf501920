import type { Limits, RejectionCode, Variant } from "@thumbsmith/shared";
import { makeWebp } from "@thumbsmith/testing/frames";
import { difference, pixelsOf, plain, RED, sample } from "@thumbsmith/testing/pixels";
import { makeLyingPng, makePng } from "@thumbsmith/testing/png";
import { rejection } from "@thumbsmith/testing/rejection";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { makePages } from "@thumbsmith/testing/tiff";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { type Admit, thumbnail } from "./thumbnail.ts";

const make = (bytes: Uint8Array, variant: Partial<Variant> = {}, changed: Partial<Limits> = {}) =>
  thumbnail(bytes, ruleOf(variant), { ...limits, ...changed });

describe("limits", () => {
  const webp = async (frames: number) => makeWebp(frames, await plain(1, 1, RED).webp().toBuffer());
  const png = async () => makePng({ width: 160, height: 120 });
  const progressive = () => plain(160, 120, RED).jpeg({ progressive: true }).toBuffer();
  const avif = () => plain(160, 120, RED).avif({ effort: 0 }).toBuffer();
  const animation = () => sample("dandelion-zoom.gif");

  it.each<[string, () => Promise<Buffer> | Buffer, Partial<Variant>, Partial<Limits>, RejectionCode, string]>(
    [
      ["bytes", png, {}, { bytes: 100 }, "too-many-bytes", "at most 100 bytes, found "],
      ["pixels", png, {}, { pixels: 19_199 }, "too-many-pixels", "found 160 × 120 = 19200"],
      ["sides", png, {}, { side: 159 }, "side-too-long", "at most 159 pixels, found 160 × 120"],
      ["a gif's frames", animation, {}, { frames: 13 }, "too-many-frames", "at most 13 frames, found 14"],
      ["a webp's frames", () => webp(14), {}, { frames: 13 }, "too-many-frames", "found 14"],
      ["a tiff's pages", () => makePages(14), {}, { frames: 13 }, "too-many-frames", "found 14"],
      [
        "the pixels of all frames",
        animation,
        { animated: true, format: "webp" },
        { pixels: 256 * 144 * 13 },
        "too-many-pixels",
        "found 14 frames of 256 × 144",
      ],
      [
        "the memory that 16 bits take to decode",
        () => makeLyingPng({ width: 9_000, height: 7_000, depth: 16, colour: "rgba" }),
        {},
        { memory: 1_200 },
        "too-many-pixels",
        "at most 750 megabytes, found one of 9000 × 7000 that takes 1009",
      ],
      [
        "the memory that the output takes to encode",
        () => makeLyingPng({ width: 8_000, height: 2_000 }),
        { width: 8_000, format: "avif" },
        { memory: 1_000 },
        "too-many-pixels",
        "takes 721",
      ],
      [
        "the sides of an enlarged image",
        () => makeLyingPng({ width: 1, height: 60_000 }),
        { withoutEnlargement: false, width: 2_000, height: 2_000 },
        {},
        "side-too-long",
        "found 1 × 60000",
      ],
    ],
  )("apply to %s", async (_, bytes, variant, changed, code, message) => {
    await expect(make(await bytes(), variant, changed)).rejects.toEqual(rejection(code, message));
  });

  it.each<[string, () => Promise<Buffer> | Buffer, Partial<Variant>, Partial<Limits>]>([
    ["bytes", async () => makePng({ width: 1, height: 1 }), {}, { bytes: 69 }],
    ["pixels", png, {}, { pixels: 19_200 }],
    ["sides", png, {}, { side: 160 }],
    ["frames", animation, {}, { frames: 14 }],
    ["pixels of the first frame, if the others are left out", animation, {}, { pixels: 256 * 144 }],
    ["pixels of all frames", animation, { animated: true, format: "webp" }, { pixels: 256 * 144 * 14 }],
  ])("accept an image that just meets them: %s", async (_, bytes, variant, changed) => {
    expect((await make(await bytes(), variant, changed)).outputs).toHaveLength(1);
  });

  it("accept a phone's photograph of 200 megapixels, but not a progressive JPEG of that size", async () => {
    const photo = await sharp({
      create: { width: 16_320, height: 12_240, channels: 3, background: "#c83010" },
    })
      .withMetadata({ orientation: 6 })
      .jpeg({ progressive: false })
      .toBuffer();
    const { source, outputs } = await make(photo, { format: "png" });
    expect(source).toMatchObject({ width: 12_240, height: 16_320 });
    const { at } = await pixelsOf(outputs[0]?.bytes ?? Buffer.alloc(0));
    expect(difference(at(75, 75), [200, 48, 16])).toBeLessThan(3);
    // The frame headers of a baseline and a progressive JPEG differ in one byte.
    const progressive = Buffer.from(photo);
    progressive[photo.indexOf(Buffer.of(0xff, 0xc0)) + 1] = 0xc2;
    await expect(make(progressive)).rejects.toEqual(
      rejection("too-many-pixels", "Expected at most 64000000 pixels, found 12240 × 16320 = 199756800."),
    );
    await expect(make(photo, { width: 6_000, height: 6_000, format: "jpeg" })).rejects.toEqual(
      rejection("too-many-pixels"),
    );
    // Decoding takes a second, but may take thirty on a busy machine.
  }, 120_000);

  it("apply before anything is decoded", async () => {
    const refused: Admit = () => Promise.reject(new Error("admitted"));
    const bytes = makePng({ width: 10_000, height: 1 });
    await expect(thumbnail(bytes, ruleOf({}), { ...limits, side: 9_999 }, refused)).rejects.toEqual(
      rejection("side-too-long"),
    );
  });

  it.each<[string, () => Promise<Buffer>, number]>([
    ["a jpeg's coefficients twice", progressive, 2 * 3],
    ["a png's raster twice", png, 2 * 3],
    ["an avif's reference frames", avif, 6.2 * 3],
  ])("ask for the megabytes of %s", async (_, source, each) => {
    const asked: number[] = [];
    const bytes = await source();
    await thumbnail(bytes, ruleOf({ width: 1, height: 1 }), limits, (megabytes, decode) => {
      asked.push(megabytes);
      return decode();
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toBeCloseTo((each * 160 * 120 + 2 * bytes.length) / 1e6, 3);
  });
});

describe("time", () => {
  const picture = () => makePng({ width: 200, height: 100 });

  it("runs out for an image that is too slow, both next to others and by itself", async () => {
    const asked: number[] = [];
    const admit: Admit = (megabytes, decode) => {
      asked.push(megabytes);
      return decode();
    };
    const noTime = { ...limits, seconds: 0 };
    await expect(thumbnail(picture(), ruleOf({}), noTime, admit)).rejects.toEqual(rejection("too-slow"));
    expect(asked).toEqual([expect.any(Number), Number.POSITIVE_INFINITY]);
  });

  it("is enough for an image that was only slow next to others", async () => {
    const turns: string[] = [];
    const admit: Admit = async (megabytes, decode) => {
      turns.push(megabytes === Number.POSITIVE_INFINITY ? "by itself" : "next to others");
      if (turns.length === 1) await thumbnail(picture(), ruleOf({}), { ...limits, seconds: 0 });
      return decode();
    };
    const { outputs } = await thumbnail(picture(), ruleOf({}), limits, admit);
    expect(outputs).toHaveLength(1);
    expect(turns).toEqual(["next to others", "by itself"]);
  });
});
