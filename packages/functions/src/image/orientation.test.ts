import {
  BLUE,
  type Colour,
  difference,
  GREEN,
  painted,
  pixelsOf,
  RED,
  WHITE,
} from "@thumbsmith/testing/pixels";
import { makeTiff } from "@thumbsmith/testing/tiff";
import { describe, expect, it } from "vitest";
import { LOSSY, make } from "../../test/make.ts";

describe("orientation", () => {
  // Stored with red and green in the upper corners, blue and white in the lower ones.
  const stored = () => painted(64, 32, (x, y) => (y < 16 ? (x < 32 ? RED : GREEN) : x < 32 ? BLUE : WHITE));
  it.each<[number, Colour[]]>([
    [1, [RED, GREEN, BLUE, WHITE]],
    [2, [GREEN, RED, WHITE, BLUE]],
    [3, [WHITE, BLUE, GREEN, RED]],
    [4, [BLUE, WHITE, RED, GREEN]],
    [5, [RED, BLUE, GREEN, WHITE]],
    [6, [BLUE, RED, WHITE, GREEN]],
    [7, [WHITE, GREEN, BLUE, RED]],
    [8, [GREEN, WHITE, RED, BLUE]],
  ])("%i is applied", async (orientation, corners) => {
    const bytes = await stored().withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
    const output = await make(bytes, { width: 16, format: "png" });
    const { at, width, height } = await pixelsOf(output.bytes);
    expect([width, height]).toEqual(orientation < 5 ? [16, 8] : [16, 32]);
    const found = [at(1, 1), at(-2, 1), at(1, -2), at(-2, -2)];
    for (const [i, corner] of corners.entries())
      expect(difference(found[i] ?? [], corner)).toBeLessThan(LOSSY);
  });

  it.each(["png", "webp", "tiff", "avif"] as const)("is applied to a %s", async (format) => {
    const bytes = await stored().withMetadata({ orientation: 6 }).toFormat(format).toBuffer();
    const { at } = await pixelsOf((await make(bytes, { width: 16, format: "png" })).bytes);
    expect(difference(at(-3, 2), RED)).toBeLessThan(2 * LOSSY);
    expect(difference(at(2, 2), BLUE)).toBeLessThan(2 * LOSSY);
  });

  it("is applied before the box, which is upright", async () => {
    const bytes = await stored().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await make(bytes, { width: 8, height: 24 })).toMatchObject({ width: 8, height: 24 });
  });

  it.each([0, 9, 255])("%i, which does not exist, is ignored", async (orientation) => {
    const exif = makeTiff([[[0x0112, "short", [orientation]]]]);
    const bytes = await stored()
      .withExif({ IFD0: { Copyright: "x" } })
      .jpeg()
      .toBuffer();
    const end = bytes.indexOf("Exif\0\0");
    const length = bytes.readUInt16BE(end - 2);
    const block = Buffer.concat([Buffer.from("\xff\xe1\0\0Exif\0\0", "latin1"), exif]);
    block.writeUInt16BE(block.length - 2, 2);
    const changed = Buffer.concat([bytes.subarray(0, end - 4), block, bytes.subarray(end - 2 + length)]);
    expect(await make(changed, { width: 16 })).toMatchObject({ width: 16, height: 8 });
  });
});
