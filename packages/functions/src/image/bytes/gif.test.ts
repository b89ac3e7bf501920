import { makeGif } from "@thumbsmith/testing/frames";
import { plain, RED, sample } from "@thumbsmith/testing/pixels";
import { describe, expect, it } from "vitest";
import { isWholeGif } from "./gif.ts";

describe("isWholeGif", () => {
  it.each([
    ["a film", () => sample("dandelion-zoom.gif")],
    ["a still", () => plain(9, 9, RED).gif().toBuffer()],
    ["a film of many frames", async () => makeGif(500)],
    ["one behind whose end there is more", async () => Buffer.concat([makeGif(2), Buffer.from("more")])],
    ["one without a trailer", async () => makeGif(2).subarray(0, -1)],
    [
      "one with zeros before it",
      async () => Buffer.concat([makeGif(2).subarray(0, -1), Buffer.from("\0\0;")]),
    ],
  ])("finds the end of %s", async (_, gif) => {
    expect(isWholeGif(await gif())).toBe(true);
  });

  it.each([0, 6, 13, 100, 50_000, 200_000, -2])("misses it in a film cut at %i", async (at) => {
    expect(isWholeGif((await sample("dandelion-zoom.gif")).subarray(0, at))).toBe(false);
  });

  it("misses it where a block is of no known kind", () => {
    expect(isWholeGif(Buffer.concat([makeGif(2).subarray(0, -1), Buffer.from("\x99;", "latin1")]))).toBe(
      false,
    );
  });
});
