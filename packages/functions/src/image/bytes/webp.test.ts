import { makeWebp } from "@thumbsmith/testing/frames";
import { plain, RED } from "@thumbsmith/testing/pixels";
import { describe, expect, it } from "vitest";
import { countFrames } from "./webp.ts";

describe("countFrames", () => {
  it.each([1, 2, 700])("finds %i", async (frames) => {
    const still = await plain(1, 1, RED).webp().toBuffer();
    expect(countFrames(makeWebp(frames, still))).toBe(frames);
  });

  it.each([
    ["a still", (still: Buffer) => still],
    ["a file that ends inside a chunk's header", (still: Buffer) => still.subarray(0, 17)],
    [
      "a chunk that is longer than the file",
      (still: Buffer) => Buffer.concat([still.subarray(0, 16), Buffer.alloc(4, 255)]),
    ],
  ])("finds none in %s", async (_, change) => {
    expect(countFrames(change(await plain(1, 1, RED).webp().toBuffer()))).toBe(0);
  });
});
