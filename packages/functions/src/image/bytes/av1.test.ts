import { describe, expect, it } from "vitest";
import { av1Colour } from "./av1.ts";

/** A sequence header after a temporal delimiter. Spaces are only for readability. */
function stream(bits: string): Buffer {
  const payload = (bits.replaceAll(" ", "").match(/.{1,8}/g) ?? []).map((byte) =>
    Number.parseInt(byte.padEnd(8, "0"), 2),
  );
  return Buffer.of(0x12, 0, 0x0a, payload.length, ...payload);
}

/** Profile, a still, a short header, a level; sides of 6 and 5 bits, three tools; three filters. */
const still = (profile: string) => `${profile} 1 1 00000  0101 0100 100111 10011 000  000`;
/** Not a still: with timing and a decoder model, two operating points, and frame order hints. */
const film = [
  "000 0 0",
  `1 ${"0".repeat(64)} 1 00100  1 00011 ${"0".repeat(32)} 00000 00000`,
  `1 00001  ${"0".repeat(12)} 01000 1 1 0000 0000 1 1 0101  ${"0".repeat(12)} 00000 0 0`,
  "0101 0100 100111 10011 1 0000 000 000",
  "0000 1 00 1 1 111 000",
].join(" ");

describe("the colours of an AV1 stream", () => {
  // Written bit by bit, by the AV1 specification, 5.5.2.
  it.each([
    ["Display P3 of full range", `${still("000")} 0 0 1 00001100 00001101 00000110 1`, 12, 13, true],
    ["of limited range, unspecified", `${still("000")} 0 0 0 0`, 2, 2, false],
    ["grey of limited range", `${still("000")} 0 1 0 0`, 2, 2, false],
    ["grey of full range", `${still("000")} 0 1 0 1`, 2, 2, true],
    ["4:4:4, which is never grey", `${still("001")} 0 1 00000001 00001101 00000110 0`, 1, 13, false],
    [
      "sRGB without a matrix, whose range is full",
      `${still("001")} 0 1 00000001 00001101 00000000`,
      1,
      13,
      true,
    ],
    ["12 bits", `${still("010")} 1 1 0 1 00001001 00010000 00001001 0`, 9, 16, false],
    ["a sequence", `${film} 0 0 1 00001001 00010010 00001001 1`, 9, 18, true],
  ])("%s", (_, bits, primaries, transfer, fullRange) => {
    expect(av1Colour(stream(bits))).toEqual({ primaries, transfer, fullRange });
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["a frame without a header", Buffer.of(0x12, 0, 0x32, 4, 1, 2, 3, 4)],
    ["a unit without a size", Buffer.of(0x10, 1, 2, 3)],
    ["a size without an end", Buffer.alloc(40, 0xff)],
  ])("are unknown for %s", (_, data) => {
    expect(av1Colour(data)).toBeUndefined();
  });
});
