import type { Limits, Variant } from "@thumbsmith/shared";
import { clap, imir, irot, nclx } from "@thumbsmith/testing/avif";
import { FOUR, makeHeic, profile, type Tile, tileColours } from "@thumbsmith/testing/heic";
import { difference, pixelsOf } from "@thumbsmith/testing/pixels";
import { middles } from "@thumbsmith/testing/quarters";
import { rejection } from "@thumbsmith/testing/rejection";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { thumbnail } from "./thumbnail.ts";

const PNG = { format: "png", width: 32, height: 32, fit: "inside" } as const;
const make = (bytes: Uint8Array, variant: Partial<Variant> = {}, changed: Partial<Limits> = {}) =>
  thumbnail(bytes, { ...ruleOf({ ...PNG, ...variant }), formats: ["heic"] }, { ...limits, ...changed });

type Colour = keyof typeof tileColours;

/** The name of the tile with the nearest colour in each quarter: upper left, upper right, lower left, lower right. */
async function quarters(bytes: Uint8Array): Promise<Colour[]> {
  return (await middles(bytes)).map((middle) => {
    const found = middle.slice(0, 3);
    const near = (Object.keys(tileColours) as Colour[]).filter(
      (name) => difference(found, tileColours[name]) <= 6,
    );
    if (near.length !== 1) throw new Error(`no tile is of ${found}`);
    return near[0] as Colour;
  });
}

const exif = async () => {
  const { exif } = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer()
    .then((jpeg) => sharp(jpeg).metadata());
  return (exif as Buffer).subarray(6);
};

describe("a HEIC is made", () => {
  const turned = ["green", "white", "red", "blue"];

  it.each<[string, () => Parameters<typeof makeHeic>[0] | Promise<Parameters<typeof makeHeic>[0]>, string[]]>(
    [
      ["of a grid", () => ({}), ["red", "green", "blue", "white"]],
      ["of a single tile", () => ({ tiles: ["blue"] }), ["blue", "blue", "blue", "blue"]],
      ["turned a quarter", () => ({ properties: [irot(1)] }), turned],
      ["turned three quarters", () => ({ properties: [irot(3)] }), ["blue", "red", "white", "green"]],
      ["mirrored", () => ({ properties: [imir] }), ["green", "red", "white", "blue"]],
      ["cropped", () => ({ properties: [clap(128, 128)] }), ["red", "red", "red", "red"]],
      ["not turned again by EXIF", async () => ({ properties: [irot(1)], exif: await exif() }), turned],
      [
        "not turned if only EXIF says so",
        async () => ({ exif: await exif() }),
        ["red", "green", "blue", "white"],
      ],
      ["without its thumbnail", () => ({ thumbnail: "white" as const }), ["red", "green", "blue", "white"]],
      ["without its depth map", () => ({ depth: "halves" as const }), ["red", "green", "blue", "white"]],
      [
        "from the primary of several images",
        () => ({ before: "white" as const, tiles: ["red"] }),
        Array(4).fill("red"),
      ],
      ["of ten bits", () => ({ tiles: ["deepRed" as Tile] }), Array(4).fill("red")],
      ["of a sequence that has a still", () => ({ brands: ["msf1", "hevc", "mif1", "heic"] }), [...FOUR]],
    ],
  )("%s", async (_, given, expected) => {
    const { outputs } = await make(makeHeic(await given()));
    expect(await quarters(outputs[0]?.bytes ?? Buffer.alloc(0))).toEqual(expected);
  });

  it("as a JPEG, unless the variant says otherwise", async () => {
    const { source, outputs } = await make(makeHeic(), { format: "source" });
    expect(source).toEqual({ format: "heic", width: 128, height: 128 });
    expect(outputs[0]).toMatchObject({ format: "jpeg", width: 32, height: 32 });
  });

  it("with its transparency", async () => {
    const { outputs } = await make(makeHeic({ tiles: ["red"], alpha: "halves" }));
    const { at } = await pixelsOf(outputs[0]?.bytes ?? Buffer.alloc(0));
    expect([at(4, 16)[3], at(-4, 16)[3]]).toEqual([0, 255]);
  });

  it("with the size as displayed", async () => {
    const { source } = await make(makeHeic({ tiles: ["red", "blue"], properties: [irot(1)] }));
    expect(source).toMatchObject({ width: 64, height: 128 });
  });
});

describe("Display P3 is converted to sRGB", () => {
  // The red of the tile is more vivid in the wider space.
  const vivid = [217, 41, 40];

  it("given by numbers", async () => {
    const { outputs } = await make(makeHeic({ tiles: ["red"], properties: [nclx(12, 13, 6)] }));
    const { at } = await pixelsOf(outputs[0]?.bytes ?? Buffer.alloc(0));
    expect(difference(at(16, 16), vivid)).toBeLessThanOrEqual(4);
  });

  it("given by a profile", async () => {
    const p3 = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
      .withIccProfile("p3")
      .png()
      .toBuffer();
    const { icc } = await sharp(p3).metadata();
    const { outputs } = await make(makeHeic({ tiles: ["red"], properties: [profile(icc as Buffer)] }));
    const { at } = await pixelsOf(outputs[0]?.bytes ?? Buffer.alloc(0));
    expect(difference(at(16, 16), vivid)).toBeLessThanOrEqual(4);
  });
});

describe("a HEIC is rejected", () => {
  const whole = makeHeic();

  it("if the rule does not accept it, with what to do", async () => {
    await expect(thumbnail(whole, ruleOf(PNG), limits)).rejects.toEqual(
      rejection("heic-not-decodable", 'Upload a JPEG instead, or add "heic" to the rule\'s `formats`.'),
    );
  });

  it.each([
    ["cut", () => whole.subarray(0, whole.length - 20), "corrupt-image", "found one that is truncated"],
    ["larger than it says", () => makeHeic({ tiles: ["red"], width: 32, height: 32 }), "corrupt-image", ""],
    ["coded in AVC", () => recoded(whole, "avc1"), "not-decodable", 'coded as "avc1"'],
    ["only a sequence", () => sequence(), "not-decodable", "a HEIC in which no still image is found"],
  ] as const)("that is %s", async (_, given, code, message) => {
    await expect(make(given())).rejects.toEqual(rejection(code, message));
  });

  it("by the pixels in its header, before it is decoded", async () => {
    const large = makeHeic({ width: 20_000, height: 20_000 });
    await expect(make(large)).rejects.toEqual(rejection("too-many-pixels", "found 20000 × 20000"));
  });

  it("that takes too long", async () => {
    const started = performance.now();
    await expect(make(whole, {}, { seconds: 0.001 })).rejects.toEqual(rejection("too-slow"));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

const recoded = (heic: Buffer, codec: string) =>
  Buffer.from(heic.toString("latin1").replaceAll("\0hvc1", `\0${codec}`), "latin1");
const sequence = () => Buffer.from("\0\0\0\x18ftyphevc\0\0\0\0msf1hevc\0\0\0\x08moov", "latin1");
