import { coded, makeAvif, nclx } from "@thumbsmith/testing/avif";
import { displayP3 } from "@thumbsmith/testing/icc";
import { difference, pixelsOf } from "@thumbsmith/testing/pixels";
import { chunk, makePng, withChunks, withPngProfile } from "@thumbsmith/testing/png";
import {
  farthest,
  opaque,
  type Quarters,
  quarters,
  quartersSize,
  transparent,
} from "@thumbsmith/testing/quarters";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { describe, expect, it } from "vitest";
import { thumbnail } from "./thumbnail.ts";

const whole = ruleOf({ width: 40, height: 40, fit: "inside", format: "png" });

/** A thumbnail with the size of the source. */
async function made(bytes: Uint8Array): Promise<Buffer> {
  const { outputs } = await thumbnail(bytes, whole, limits);
  return outputs[0]?.bytes ?? Buffer.alloc(0);
}

/** Computed from the definitions of primaries and curves. Chromium 156 draws the same, except BT.709's curve in a PNG. */
const numbered: [string, number, number, Quarters][] = [
  [
    "Display P3",
    12,
    13,
    [
      [213, 115, 83],
      [73, 142, 119],
      [54, 81, 155],
      [255, 255, 255],
    ],
  ],
  [
    "BT.2020 with sRGB's curve",
    9,
    13,
    [
      [236, 105, 82],
      [6, 145, 118],
      [17, 81, 156],
      [255, 255, 255],
    ],
  ],
  [
    "BT.2020 with BT.709's curve",
    9,
    1,
    [
      [236, 105, 82],
      [6, 145, 118],
      [17, 81, 156],
      [255, 255, 255],
    ],
  ],
  ["BT.709", 1, 1, opaque],
  [
    "linear light",
    1,
    8,
    [
      [229, 183, 160],
      [160, 196, 183],
      [133, 152, 202],
      [255, 255, 255],
    ],
  ],
  [
    "a gamma of 2.2",
    1,
    4,
    [
      [201, 121, 90],
      [90, 141, 121],
      [57, 79, 151],
      [255, 255, 255],
    ],
  ],
  ["sRGB", 1, 13, opaque],
  ["unknown primaries", 2, 13, opaque],
  ["an unknown curve", 12, 2, opaque],
  // Chromium maps the tones of these two. We take them for sRGB: docs/quality.md.
  ["PQ", 9, 16, opaque],
  ["HLG", 9, 18, opaque],
];

/** A PNG's `cICP`, with full range and without a matrix, as RGB has. */
const cicp = (primaries: number, transfer: number) => chunk("cICP", Uint8Array.of(primaries, transfer, 0, 1));

describe("a colour space is converted to sRGB if it is given by numbers", () => {
  it.each(numbered)("by an AVIF's nclx: %s", async (_, primaries, transfer, expected) => {
    const { picture } = await coded(quarters(transparent));
    const avif = makeAvif({ ...quartersSize, picture, properties: [nclx(primaries, transfer, 6)] });
    // AVIF's encoding changes colours by a level, which becomes up to 12 near 0.
    expect(await farthest(await made(avif), expected)).toBeLessThanOrEqual(12);
  });

  it.each(numbered)("by a PNG's cICP: %s", async (_, primaries, transfer, expected) => {
    const png = await quarters(opaque).png().toBuffer();
    const found = await made(withChunks(png, cicp(primaries, transfer)));
    expect(await farthest(found, expected)).toBeLessThanOrEqual(1);
  });

  it("like by a profile of the same space, also at 16 bits", async () => {
    for (const depth of [8, 16] as const) {
      const fill = [200, 120, 90].map((value) => (depth === 8 ? value : value * 257));
      const png = makePng({ ...quartersSize, depth, fill });
      const byProfile = await pixelsOf(await made(withPngProfile(png, displayP3)));
      const byNumber = await pixelsOf(await made(withChunks(png, cicp(12, 13))));
      expect(difference(byNumber.at(9, 9), byProfile.at(9, 9))).toBeLessThanOrEqual(1);
    }
  });

  it("instead of by a profile, if a PNG has both", async () => {
    const png = withPngProfile(await quarters(opaque).png().toBuffer(), displayP3);
    expect(await farthest(await made(withChunks(png, cicp(1, 13))), opaque)).toBeLessThanOrEqual(1);
  });

  const u32 = (...values: number[]) => Buffer.from(new Uint32Array(values).buffer).swap32();
  const gama = (gamma: number) => chunk("gAMA", u32(gamma));
  const chrm = (...points: number[]) => chunk("cHRM", u32(...points));
  const srgbPoints = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000];
  const p3Points = [31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000];
  const linear = numbered[4]?.[3] ?? opaque;

  // Within 3 of what Chromium 156 draws.
  it.each([
    [
      "a gamma of 1.8, as on old Macs",
      [gama(55_555)],
      [
        [210, 139, 109],
        [109, 158, 139],
        [77, 99, 167],
        [255, 255, 255],
      ],
    ],
    ["linear light", [gama(100_000)], linear],
    ["a gamma of 2.2, which stands for sRGB", [gama(45_455)], opaque],
    ["a gamma of 2.2 and sRGB's primaries", [gama(45_455), chrm(...srgbPoints)], opaque],
    ["a gamma of 2.2 and P3's primaries", [gama(45_455), chrm(...p3Points)], numbered[0]?.[3] ?? opaque],
    ["primaries without a gamma, which are ignored", [chrm(...p3Points)], opaque],
    ["primaries that span nothing", [gama(100_000), chrm(0, 0, 0, 0, 0, 0, 0, 0)], opaque],
    ["a gamma of 0", [gama(0)], opaque],
    ["a gamma of nearly 0", [gama(1)], opaque],
    ["sRGB, which overrides a gamma", [chunk("sRGB", Uint8Array.of(0)), gama(100_000)], opaque],
  ] as [string, Buffer[], Quarters][])("by a PNG's gAMA and cHRM: %s", async (_, chunks, expected) => {
    const png = await quarters(opaque).png().toBuffer();
    expect(await farthest(await made(withChunks(png, ...chunks)), expected)).toBeLessThanOrEqual(3);
  });

  it("in grey", async () => {
    const png = makePng({ ...quartersSize, colour: "grey", fill: [90] });
    // By sRGB's curve, 90/255 of the light is the level 159.
    const level = [160, 160, 160];
    expect(
      await farthest(await made(withChunks(png, gama(100_000))), [level, level, level, level]),
    ).toBeLessThanOrEqual(2);
  });
});
