import { clap, coded, imir, irot, makeAvif, nclx, ofLimitedRange } from "@thumbsmith/testing/avif";
import { pixelsOf } from "@thumbsmith/testing/pixels";
import {
  farthest,
  opaque,
  type Quarters,
  quarters,
  quartersSize,
  transparent,
} from "@thumbsmith/testing/quarters";
import { rejection } from "@thumbsmith/testing/rejection";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { describe, expect, it } from "vitest";
import { thumbnail } from "./thumbnail.ts";

const [A, B, C, D] = transparent;
const whole = ruleOf({ width: 40, height: 40, fit: "inside", format: "png" });

/** A thumbnail with the size of the source. */
async function made(bytes: Uint8Array): Promise<Buffer> {
  const { outputs } = await thumbnail(bytes, whole, limits);
  return outputs[0]?.bytes ?? Buffer.alloc(0);
}

describe("an AVIF is recognised by its items, not by its first brand", () => {
  // Chromium 156 draws all except the last two, which it refuses for their brands.
  it.each([
    [["mif1", "avif", "miaf"]],
    [["msf1", "avif", "mif1"]],
    [["miaf", "mif1", "avif"]],
    [["MA1B", "avif", "mif1"]],
    [["heic", "avif", "mif1"]],
    [["avis", "avif", "msf1", "mif1"]],
    [["mif1", "miaf"]],
  ])("%s", async (brands) => {
    const { picture } = await coded(quarters(transparent));
    const avif = makeAvif({ ...quartersSize, picture, brands });
    expect(await farthest(await made(avif), opaque)).toBeLessThanOrEqual(3);
    const { source } = await thumbnail(avif, ruleOf({ width: 40 }), limits);
    expect(source).toMatchObject({ format: "avif", width: 40, height: 20 });
  });

  it("and HEVC is not an AVIF, even with its brand", async () => {
    const { picture } = await coded(quarters(transparent));
    const avif = makeAvif({ ...quartersSize, picture });
    avif.write("hvc1", avif.indexOf("av01", avif.indexOf("infe")), "latin1");
    await expect(made(avif)).rejects.toEqual(rejection("heic-not-decodable"));
  });

  it.each([
    [
      "whose last box has no size",
      (avif: Buffer) => avif.fill(0, avif.lastIndexOf("mdat") - 4, avif.lastIndexOf("mdat")),
    ],
    ["with zeros after it", (avif: Buffer) => Buffer.concat([avif, Buffer.alloc(40)])],
    ["with other bytes after it", (avif: Buffer) => Buffer.concat([avif, Buffer.alloc(40, "MotionPhoto")])],
  ])("one %s is made, but its colours are taken for sRGB", async (_, change) => {
    const { picture } = await coded(quarters(transparent));
    const avif = change(makeAvif({ ...quartersSize, picture, properties: [nclx(12, 13, 6)] }));
    expect(await farthest(await made(avif), opaque)).toBeLessThanOrEqual(3);
  });

  it("a truncated one is rejected, even if its last box has no size", async () => {
    const { picture } = await coded(quarters(transparent));
    const avif = makeAvif({
      ...quartersSize,
      picture,
      brands: ["mif1", "avif"],
      properties: [nclx(12, 13, 6)],
    });
    await expect(made(avif.subarray(0, -30))).rejects.toEqual(rejection("corrupt-image"));
    const withoutSize = avif.fill(0, avif.lastIndexOf("mdat") - 4, avif.lastIndexOf("mdat"));
    await expect(made(withoutSize.subarray(0, -30))).rejects.toEqual(rejection("corrupt-image"));
  });
});

describe("the transparency of an AVIF", () => {
  it("is kept", async () => {
    expect(
      await farthest(await made(makeAvif({ ...quartersSize, ...(await coded(quarters(transparent))) })), [
        A,
        B,
        C,
        D,
      ]),
    ).toBeLessThanOrEqual(3);
  });

  it("is divided out of premultiplied colours", async () => {
    const multiplied: Quarters = [[100, 60, 45, 128], B, [15, 20, 38, 64], [0, 0, 0, 0]];
    const avif = makeAvif({ ...quartersSize, ...(await coded(quarters(multiplied))), isPremultiplied: true });
    // Colours that were multiplied by a quarter have 6 bits left: their rounding errors are multiplied by four.
    expect(await farthest(await made(avif), [A, B, C, [0, 0, 0, 0]])).toBeLessThanOrEqual(6);
  });

  // Chromium 156 and avifdec turn both, even if only the colours have the property.
  it.each([
    ["a quarter counterclockwise", irot(1), [B, D, A, C]],
    ["a half", irot(2), [D, C, B, A]],
    ["a quarter clockwise", irot(3), [C, A, D, B]],
    ["mirrored", imir, [B, A, D, C]],
  ] as [string, Buffer, Quarters][])("is turned with the image: %s", async (_, turn, expected) => {
    const parts = await coded(quarters(transparent));
    const ofPicture = makeAvif({ ...quartersSize, ...parts, properties: [turn] });
    const ofBoth = makeAvif({ ...quartersSize, ...parts, properties: [turn], alphaProperties: [turn] });
    expect(await farthest(await made(ofPicture), expected)).toBeLessThanOrEqual(3);
    expect(await farthest(await made(ofBoth), expected)).toBeLessThanOrEqual(3);
  });

  it("is cropped with the image", async () => {
    const parts = await coded(quarters(transparent));
    const thumbnail = await made(makeAvif({ ...quartersSize, ...parts, properties: [clap(40, 20)] }));
    expect(await pixelsOf(thumbnail)).toMatchObject({ width: 20, height: 10 });
    expect(await farthest(thumbnail, [A, A, A, A])).toBeLessThanOrEqual(3);
  });

  it("of limited range is stretched to full range", async () => {
    const { picture } = await coded(quarters(transparent));
    const { alpha } = await coded(
      quarters([
        [0, 0, 0, 16],
        [0, 0, 0, 93],
        [0, 0, 0, 153],
        [0, 0, 0, 235],
      ]),
    );
    const avif = makeAvif({ ...quartersSize, picture, alpha: ofLimitedRange(alpha) });
    // By BT.601: 255 × (level − 16) / 219. Chromium 156 is within 1 of this.
    expect(
      await farthest(await made(avif), [
        [200, 120, 90, 0],
        [90, 140, 120, 90],
        [60, 80, 150, 160],
        [255, 255, 255, 255],
      ]),
    ).toBeLessThanOrEqual(3);
  });
});

describe("a grey AVIF of limited range is stretched to full range", () => {
  const stored: Quarters = [
    [0, 0, 0, 16],
    [0, 0, 0, 93],
    [0, 0, 0, 153],
    [0, 0, 0, 235],
  ];
  const grey = (...levels: number[]) => levels.map((level) => [level, level, level]) as unknown as Quarters;
  const stretched = grey(0, 90, 160, 255);
  const same = grey(16, 93, 153, 235);

  // By BT.601: 255 × (level − 16) / 219. Chromium 156 and avifdec are within 1 of this.
  it.each([
    ["if its stream says so", true, undefined, stretched],
    ["if its box says so", false, nclx(1, 13, 6, false), stretched],
    ["not if its box contradicts its stream", true, nclx(1, 13, 6, true), same],
    ["not if neither says so", false, undefined, same],
  ] as const)("%s", async (_, isLimited, property, expected) => {
    const { alpha } = await coded(quarters(stored));
    const picture = isLimited ? ofLimitedRange(alpha) : alpha;
    const avif = makeAvif({ ...quartersSize, picture, ...(property && { properties: [property] }) });
    expect(await farthest(await made(avif), expected)).toBeLessThanOrEqual(3);
  });
});
