import type { Variant } from "@thumbsmith/shared";
import { makeColourfulGif } from "@thumbsmith/testing/frames";
import { BLUE, type Colour, difference, pixelsOf, plain, RED, sample } from "@thumbsmith/testing/pixels";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import { describe, expect, it } from "vitest";
import { framesOfGif, makeGraphicControl } from "./bytes/gif.ts";
import { restateGif } from "./bytes/restate-gif.ts";
import { thumbnail } from "./thumbnail.ts";

const TO_BACKGROUND = 2 << 2;
const TO_PREVIOUS = 3 << 2;

interface Frame {
  /** A GIF of 40 × 30 pixels. */
  gif: Buffer;
  left: number;
  top: number;
  /** The flags of its graphic control extension. Without flags, it has none. */
  flags?: number;
}

/** A GIF whose frames have local colour tables, on a screen of 80 × 60 pixels. */
function film(...frames: Frame[]): Buffer {
  const header = Buffer.from(
    [..."GIF89a"].map((letter) => letter.charCodeAt(0)).concat(80, 0, 60, 0, 0, 0, 0),
  );
  const parts = frames.map(({ gif, left, top, flags }) => {
    const [frame] = framesOfGif(gif);
    if (!frame) throw new Error("a frame is needed");
    const descriptor = Buffer.from(gif.subarray(frame.start, frame.start + 10));
    const tableFlags = gif[10] ?? 0;
    descriptor.writeUInt16LE(left, 1);
    descriptor.writeUInt16LE(top, 3);
    descriptor[9] = tableFlags & 0x87;
    const table = gif.subarray(13, 13 + 3 * 2 ** ((tableFlags & 7) + 1));
    const control = flags === undefined ? [] : [makeGraphicControl(flags, 10, 0)];
    return Buffer.concat([...control, descriptor, table, gif.subarray(frame.data, -1)]);
  });
  return Buffer.concat([header, ...parts, Buffer.from(";")]);
}

const still = (colour: Colour) => plain(40, 30, colour).gif().toBuffer();
/** A table in which the colours 8 and 9 are the most similar. */
const table = Array.from({ length: 256 }, (_, i) => (i === 9 ? [8, 246, 41] : [i, 255 - i, (5 * i) & 255]));
const colourful = async () => makeColourfulGif(40, 30, table);

async function make(bytes: Buffer, variant: Partial<Variant> = { format: "png" }) {
  const { outputs } = await thumbnail(bytes, ruleOf({ fit: "inside", ...variant }), limits);
  return outputs[0]?.bytes ?? Buffer.alloc(0);
}

const EMPTY = [0, 0, 0, 0];

describe("a GIF whose first frame is smaller than its screen", () => {
  it.each<[string, number | undefined]>([
    ["and has no graphic control", undefined],
    ["and stays", 0],
    ["and is replaced by the background", TO_BACKGROUND],
    ["and is replaced by what was there before", TO_PREVIOUS],
  ])("%s: the rest is transparent, as in browsers", async (_, flags) => {
    const bytes = film({ gif: await still(RED), left: 20, top: 10, flags });
    const { at } = await pixelsOf(await make(bytes));
    expect([at(5, 5), at(70, 50), at(19, 9), at(60, 40)]).toEqual([EMPTY, EMPTY, EMPTY, EMPTY]);
    expect([at(20, 10), at(59, 39)]).toEqual([
      [...RED, 255],
      [...RED, 255],
    ]);
  });

  it("of 256 colours keeps all except one of the two most similar", async () => {
    const { at } = await pixelsOf(await make(film({ gif: await colourful(), left: 20, top: 10 })));
    expect(at(5, 5)).toEqual(EMPTY);
    for (let i = 0; i < 40 * 30; i++) {
      const colour = table[i % 256 === 8 ? 9 : i % 256] ?? [];
      expect(at(20 + (i % 40), 10 + Math.floor(i / 40))).toEqual([...colour, 255]);
    }
  });

  it("becomes white in a JPEG", async () => {
    const bytes = film({ gif: await still(RED), left: 20, top: 10 });
    const { at } = await pixelsOf(await make(bytes, { format: "jpeg" }));
    expect(difference(at(5, 5), [255, 255, 255])).toBeLessThan(3);
  });

  it("is not changed if it fills the screen, or has a transparent colour", async () => {
    const whole = await sample("dandelion-zoom.gif");
    const one = film({ gif: await still(RED), left: 20, top: 10, flags: 1 });
    expect(restateGif(whole)).toBe(whole);
    expect(restateGif(one)).toBe(one);
  });
});

describe("an animated GIF whose frames are replaced by the background", () => {
  it.each([
    ["of few colours", still],
    ["of 256 colours", colourful],
  ])("%s is transparent there", async (_, second) => {
    const bytes = film(
      { gif: await still(RED), left: 0, top: 0, flags: TO_BACKGROUND },
      { gif: await second(BLUE), left: 40, top: 30, flags: TO_BACKGROUND },
      { gif: await still(RED), left: 20, top: 0, flags: TO_PREVIOUS },
    );
    const webp = await make(bytes, { format: "webp", animated: true, quality: 100 });
    const alpha = async (page: number, x: number, y: number) => (await pixelsOf(webp, page)).at(x, y)[3];
    expect([await alpha(0, 5, 5), await alpha(0, 60, 45)]).toEqual([255, 0]);
    expect([await alpha(1, 5, 5), await alpha(1, 60, 45)]).toEqual([0, 255]);
    expect([await alpha(2, 5, 5), await alpha(2, 60, 45), await alpha(2, 30, 5)]).toEqual([0, 0, 255]);
  });
});
