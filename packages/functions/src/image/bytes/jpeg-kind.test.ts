import { makeScanBomb, segment, withSegments } from "@thumbsmith/testing/jpeg";
import { plain, RED, sample } from "@thumbsmith/testing/pixels";
import { describe, expect, it } from "vitest";
import { jpegKind } from "./jpeg-kind.ts";

describe("the scans of a JPEG", () => {
  it.each([
    ["1 in a baseline photograph", () => sample("autumn-meadow-baseline.jpg"), 1],
    ["10 in a progressive photograph", () => sample("dandelion-12mp-progressive.jpg"), 10],
    ["all of a bomb", async () => makeScanBomb(64, 64, 13), 2458],
    ["none in a file of three bytes", async () => Buffer.from([0xff, 0xd8, 0xff]), 0],
  ])("are counted: %s", async (_, jpeg, scans) => {
    expect(jpegKind(await jpeg()).scans).toBe(scans);
  });

  it("are not counted inside a segment, nor after the image", async () => {
    const jpeg = await plain(8, 8, RED).jpeg().toBuffer();
    const exif = segment(0xe1, Buffer.concat([jpeg, jpeg]));
    expect(jpegKind(Buffer.concat([withSegments(jpeg, exif), jpeg])).scans).toBe(1);
  });
});
