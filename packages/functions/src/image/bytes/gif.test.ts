import { makeGif } from "@thumbsmith/testing/frames";
import { plain, RED, sample } from "@thumbsmith/testing/pixels";
import { describe, expect, it } from "vitest";
import { isWholeGif } from "./gif.ts";

describe("isWholeGif", () => {
  it.each([
    ["an animation", () => sample("dandelion-zoom.gif")],
    ["a still", () => plain(9, 9, RED).gif().toBuffer()],
    ["an animation of many frames", async () => makeGif(500)],
    ["one with bytes after its end", async () => Buffer.concat([makeGif(2), Buffer.from("more")])],
    ["one without a trailer", async () => makeGif(2).subarray(0, -1)],
    [
      "one with zeros before its end",
      async () => Buffer.concat([makeGif(2).subarray(0, -1), Buffer.from("\0\0;")]),
    ],
  ])("finds the end of %s", async (_, gif) => {
    expect(isWholeGif(await gif())).toBe(true);
  });

  it.each([0, 6, 13, 100, 50_000, 200_000, -2])("finds none in an animation cut at %i", async (at) => {
    expect(isWholeGif((await sample("dandelion-zoom.gif")).subarray(0, at))).toBe(false);
  });

  it("finds none after a block of an unknown kind", () => {
    expect(isWholeGif(Buffer.concat([makeGif(2).subarray(0, -1), Buffer.from("\x99;", "latin1")]))).toBe(
      false,
    );
  });
});
