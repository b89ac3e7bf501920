import { coded, irot, makeAvif, nclx } from "@thumbsmith/testing/avif";
import { riffChunk } from "@thumbsmith/testing/frames";
import { segment, withSegments } from "@thumbsmith/testing/jpeg";
import { plain, RED } from "@thumbsmith/testing/pixels";
import { chunk, withChunks } from "@thumbsmith/testing/png";
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
import { makeTiff } from "@thumbsmith/testing/tiff";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { restate } from "./bytes/restate.ts";
import { storedAlpha } from "./bytes/restate-avif.ts";
import { formatOfBytes } from "./bytes/sniff.ts";
import { thumbnail } from "./thumbnail.ts";

const whole = ruleOf({ width: 40, height: 40, fit: "inside", format: "png" });

/** A thumbnail with the size of the source. */
async function made(bytes: Uint8Array): Promise<Buffer> {
  const { outputs } = await thumbnail(bytes, whole, limits);
  return outputs[0]?.bytes ?? Buffer.alloc(0);
}

describe("an APNG", () => {
  const u32 = (...values: number[]) => Buffer.from(new Uint32Array(values).buffer).swap32();
  const control = (number: number, width: number, height: number, x = 0, y = 0) =>
    chunk("fcTL", Buffer.concat([u32(number, width, height, x, y), Buffer.of(0, 1, 0, 10, 0, 0)]));
  const data = (png: Buffer) => {
    const at = png.indexOf("IDAT");
    return png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
  };
  const frame = (number: number, png: Buffer) => chunk("fdAT", Buffer.concat([u32(number), data(png)]));
  const start = chunk("acTL", u32(2, 0));

  async function pictures() {
    const [still, first, second] = await Promise.all([
      plain(40, 20, RED).png().toBuffer(),
      quarters(opaque).png().toBuffer(),
      plain(40, 20, [0, 0, 255]).png().toBuffer(),
    ]);
    return { still, first, second, head: still.subarray(0, 33) };
  }

  it("whose still is not part of the animation shows its first frame, as browsers do", async () => {
    const { still, first, second, head } = await pictures();
    const apng = [
      ...[head, start, chunk("IDAT", data(still)), control(0, 40, 20), frame(1, first)],
      ...[control(2, 40, 20), frame(3, second), chunk("IEND")],
    ];
    expect(await farthest(await made(Buffer.concat(apng)), opaque)).toBeLessThanOrEqual(0);
  });

  it("whose still is its first frame shows that", async () => {
    const { first, second, head } = await pictures();
    const apng = [
      ...[head, start, control(0, 40, 20), chunk("IDAT", data(first))],
      ...[control(1, 40, 20), frame(2, second), chunk("IEND")],
    ];
    expect(await farthest(await made(Buffer.concat(apng)), opaque)).toBeLessThanOrEqual(0);
  });

  it("whose first frame covers only a part of the image shows its still", async () => {
    const { still, head } = await pictures();
    const part = await plain(20, 10, [0, 0, 255]).png().toBuffer();
    const apng = [
      head,
      ...[start, chunk("IDAT", data(still)), control(0, 20, 10, 20, 10), frame(1, part), chunk("IEND")],
    ];
    expect(await farthest(await made(Buffer.concat(apng)), [RED, RED, RED, RED])).toBeLessThanOrEqual(0);
  });

  it("that is cut in its first frame is rejected", async () => {
    const { still, first, head } = await pictures();
    const whole = Buffer.concat([
      head,
      start,
      chunk("IDAT", data(still)),
      control(0, 40, 20),
      frame(1, first),
    ]);
    await expect(made(whole.subarray(0, -20))).rejects.toEqual(rejection("corrupt-image"));
  });
});

describe("a WebP whose header lacks its transparency", () => {
  // libwebp's dwebp does the same. Chromium 156 takes the first for opaque, and draws the second with wrong colours.
  it.each([
    ["lossy", { quality: 100 }],
    ["lossless", { lossless: true }],
  ])("keeps it: %s", async (_, options) => {
    const webp = await quarters(transparent).webp(options).toBuffer();
    const extended = Buffer.from([0, 0, 0, 0, 39, 0, 0, 19, 0, 0]);
    const chunks = webp.subarray(webp.toString("latin1", 12, 16) === "VP8X" ? 30 : 12);
    const forgetful = riffChunk(
      "RIFF",
      Buffer.concat([Buffer.from("WEBP"), riffChunk("VP8X", extended), chunks]),
    );
    expect((await sharp(forgetful).metadata()).hasAlpha).toBe(false);
    expect(await farthest(await made(forgetful), transparent)).toBeLessThanOrEqual(4);
  });
});

describe("an orientation that browsers ignore is applied", () => {
  const onItsSide: Quarters = [opaque[2], opaque[0], opaque[3], opaque[1]];

  it("of a JPEG, stored as LONG", async () => {
    const jpeg = await quarters(opaque).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer();
    const block = makeTiff([[[0x0112, "long", [6]]]]);
    const exif = segment(0xe1, Buffer.concat([Buffer.from("Exif\0\0"), block]));
    expect(await farthest(await made(withSegments(jpeg, exif)), onItsSide)).toBeLessThanOrEqual(4);
  });

  it("of a WebP", async () => {
    const webp = await quarters(opaque).withMetadata({ orientation: 6 }).webp({ lossless: true }).toBuffer();
    expect(await farthest(await made(webp), onItsSide)).toBeLessThanOrEqual(0);
  });
});

describe("a damaged file", () => {
  const sources = {
    avif: async () => {
      const parts = await coded(quarters(transparent));
      const properties = [nclx(12, 13, 6), irot(1)];
      return makeAvif({
        ...quartersSize,
        ...parts,
        brands: ["mif1", "avif"],
        properties,
        isPremultiplied: true,
      });
    },
    png: async () => {
      const png = await quarters(opaque).png().toBuffer();
      return withChunks(png, chunk("cICP", Uint8Array.of(12, 13, 0, 1)), chunk("acTL", Buffer.alloc(8)));
    },
    webp: () => quarters(transparent).webp().toBuffer(),
  };

  it.each(["avif", "png", "webp"] as const)(
    "is read without an error, and grows by at most 20 kB: %s",
    async (format) => {
      const whole = await sources[format]();
      for (let end = 0; end <= whole.length; end++) read(whole.subarray(0, end), format);
      const places = Math.min(whole.length, 700);
      for (let at = 0; at < places; at++)
        for (const value of [0, 1, 0x7f, 0xff]) {
          const damaged = Buffer.from(whole);
          damaged.subarray(at, at + 1 + (at % 4)).fill(value);
          read(damaged, format);
        }
    },
  );

  function read(bytes: Buffer, format: "avif" | "png" | "webp") {
    formatOfBytes(bytes);
    expect(restate(bytes, format).length).toBeLessThan(bytes.length + 20_000);
    if (format === "avif") storedAlpha(bytes);
  }

  it("of a million boxes is not read to its end", () => {
    const ftyp = Buffer.from("\0\0\0\x10ftypmif1\0\0\0\0", "latin1");
    const boxes = Buffer.alloc(8_000_000, Buffer.from("\0\0\0\x08free", "latin1"));
    expect(formatOfBytes(Buffer.concat([ftyp, boxes]))).toBe("heic");
  });
});
