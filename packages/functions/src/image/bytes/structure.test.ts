import { makeGif, makeWebp } from "@thumbsmith/testing/frames";
import { makeScanBomb, segment, withSegments } from "@thumbsmith/testing/jpeg";
import { plain, RED, sample } from "@thumbsmith/testing/pixels";
import { describe, expect, it } from "vitest";
import { countFrames, countScans, isWholeGif } from "./structure.ts";

describe("countScans", () => {
  it.each([
    ["1 in a baseline photograph", () => sample("autumn-meadow-baseline.jpg"), 1],
    ["10 in a progressive photograph", () => sample("dandelion-12mp-progressive.jpg"), 10],
    ["all of a bomb", async () => makeScanBomb(64, 64, 13), 2458],
    ["none in a file that ends at once", async () => Buffer.from([0xff, 0xd8, 0xff]), 0],
  ])("finds %s", async (_, jpeg, scans) => {
    expect(countScans(await jpeg())).toBe(scans);
  });

  it("counts neither what a segment holds nor what follows the picture", async () => {
    const jpeg = await plain(8, 8, RED).jpeg().toBuffer();
    const exif = segment(0xe1, Buffer.concat([jpeg, jpeg]));
    expect(countScans(Buffer.concat([withSegments(jpeg, exif), jpeg]))).toBe(1);
  });
});

describe("countFrames", () => {
  it.each([1, 2, 700])("finds %i", async (frames) => {
    const still = await plain(1, 1, RED).webp().toBuffer();
    expect(countFrames(makeWebp(frames, still))).toBe(frames);
  });

  it.each([
    ["a still", (still: Buffer) => still],
    ["a file that ends in a chunk's head", (still: Buffer) => still.subarray(0, 17)],
    [
      "a chunk of more bytes than there are",
      (still: Buffer) => Buffer.concat([still.subarray(0, 16), Buffer.alloc(4, 255)]),
    ],
  ])("finds none in %s", async (_, change) => {
    expect(countFrames(change(await plain(1, 1, RED).webp().toBuffer()))).toBe(0);
  });
});

describe("isWholeGif", () => {
  it.each([
    ["a film", () => sample("dandelion-zoom.gif")],
    ["a still", () => plain(9, 9, RED).gif().toBuffer()],
    ["a film of many frames", async () => makeGif(500)],
    ["one behind whose end there is more", async () => Buffer.concat([makeGif(2), Buffer.from("more")])],
  ])("finds the end of %s", async (_, gif) => {
    expect(isWholeGif(await gif())).toBe(true);
  });

  it.each([0, 6, 13, 100, 50_000, 200_000, -1])("misses it in a film cut at %i", async (at) => {
    expect(isWholeGif((await sample("dandelion-zoom.gif")).subarray(0, at))).toBe(false);
  });
});
