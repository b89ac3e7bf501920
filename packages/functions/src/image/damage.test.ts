import type { Variant } from "@thumbsmith/shared";
import { segment, withSegments } from "@thumbsmith/testing/jpeg";
import { painted, sample } from "@thumbsmith/testing/pixels";
import { chunk } from "@thumbsmith/testing/png";
import { rejection } from "@thumbsmith/testing/rejection";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import type { JpegOptions } from "sharp";
import { describe, expect, it } from "vitest";
import { sharp } from "./sharp.ts";
import { thumbnail } from "./thumbnail.ts";

/** An image with several rows of blocks, each of them different. */
const busy = () => painted(320, 240, (x, y) => [(x * 7) & 255, (y * 5) & 255, (x * y) & 255]);
const jpeg = (options: JpegOptions = {}) => busy().jpeg(options).toBuffer();
const EOI = Buffer.of(0xff, 0xd9);

const png: Partial<Variant> = { format: "png", fit: "inside" };
async function make(bytes: Uint8Array, variant: Partial<Variant> = png) {
  const { outputs } = await thumbnail(bytes, ruleOf(variant), limits);
  return outputs[0];
}

/** Expects that the thumbnail of a file has the bytes of another's. */
async function expectAlike(bytes: Uint8Array, whole: Uint8Array) {
  const [found, expected] = [await make(bytes), await make(whole)];
  expect(found?.bytes.equals(expected?.bytes ?? Buffer.alloc(0))).toBe(true);
}

const jpegs: [string, () => Promise<Buffer>][] = [
  ["baseline 4:2:0", () => jpeg()],
  ["baseline 4:4:4", () => jpeg({ chromaSubsampling: "4:4:4" })],
  ["grey", () => busy().greyscale().jpeg().toBuffer()],
  ["CMYK", () => busy().toColourspace("cmyk").jpeg().toBuffer()],
  ["progressive 4:2:0", () => jpeg({ progressive: true })],
  ["progressive 4:4:4", () => jpeg({ progressive: true, chromaSubsampling: "4:4:4" })],
  ["progressive grey", () => busy().greyscale().jpeg({ progressive: true }).toBuffer()],
  ["of a camera", () => sample("autumn-meadow-baseline.jpg")],
];

describe.each(jpegs)("a JPEG, %s,", (_, build) => {
  it.each([0.3, 0.6, 0.9])("cut at %d with an end of image is rejected", async (share) => {
    const bytes = await build();
    const cut = Buffer.concat([bytes.subarray(0, bytes.length * share), EOI]);
    await expect(make(cut)).rejects.toEqual(rejection("corrupt-image"));
  });

  it("without its middle fifth, like an upload that lost a part, is rejected", async () => {
    const bytes = await build();
    const lacking = Buffer.concat([
      bytes.subarray(0, bytes.length * 0.4),
      bytes.subarray(bytes.length * 0.6),
    ]);
    await expect(make(lacking)).rejects.toEqual(rejection("corrupt-image"));
  });

  it("with a second, whole one after the cut is rejected", async () => {
    const bytes = await build();
    const cut = Buffer.concat([bytes.subarray(0, bytes.length * 0.6), bytes]);
    await expect(make(cut)).rejects.toEqual(rejection("corrupt-image"));
  });

  it.each([1, 2])(
    "without its last %i bytes, which are not pixels, is made like the whole file",
    async (count) => {
      const bytes = await build();
      await expectAlike(bytes.subarray(0, bytes.length - count), bytes);
    },
  );
});

/** Inserts bytes before a marker of a JPEG. */
function before(marker: number, bytes: Buffer, added: Buffer): Buffer {
  const at = bytes.indexOf(Buffer.of(0xff, marker));
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
}

/** The offset of the first scan's three parameters: spectral selection and approximation. */
function parametersOf(bytes: Buffer): number {
  const body = bytes.indexOf(Buffer.of(0xff, 0xda)) + 4;
  return body + 1 + 2 * (bytes[body] ?? 0);
}

function changed(bytes: Buffer, at: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, at);
  return copy;
}

/** Mistakes that libjpeg warns of, but decodes right, by its message in jerror.h. */
const harmless: [string, (bytes: Buffer) => Buffer][] = [
  ["Invalid SOS parameters for sequential JPEG", (bytes) => changed(bytes, parametersOf(bytes), 0, 0, 0)],
  [
    "Corrupt JPEG data: 3 extraneous bytes before marker 0xc0",
    (bytes) => before(0xc0, bytes, Buffer.of(1, 2, 3)),
  ],
  [
    "Corrupt JPEG data: 8 extraneous bytes before marker 0xd9",
    (bytes) => Buffer.concat([bytes.subarray(0, -2), Buffer.alloc(8), EOI]),
  ],
  [
    "Warning: unknown JFIF revision number 2.01",
    (bytes) => withSegments(bytes, segment(0xe0, Buffer.from("JFIF\0\x02\x01\0\0\x01\0\x01\0\0", "latin1"))),
  ],
  [
    "Unknown Adobe color transform code 7",
    (bytes) => withSegments(bytes, segment(0xee, Buffer.from("Adobe\0d\0\0\0\0\x07", "latin1"))),
  ],
];

it.each(harmless)(
  "a JPEG with a mistake that libjpeg only warns of is made as without it: %s",
  async (_, damage) => {
    const bytes = await jpeg();
    await expectAlike(damage(bytes), bytes);
  },
);

describe("damage that is not noticed", () => {
  it("in the last 16 rows of a baseline JPEG that is read at half of its size or less", async () => {
    const options = { optimiseCoding: false } as const;
    const picture = painted(640, 480, (x, y) => [(x * 7) & 255, (y * 5) & 255, (x * y) & 255]);
    const bytes = await picture.jpeg(options).toBuffer();
    /** Cut after the data of all rows except the last, whose length is that of an image without them. */
    const cutAbove = async (rows: number, more: number) => {
      const upper = picture.clone().extract({ left: 0, top: 0, width: 640, height: 480 - rows });
      const { length } = await upper.jpeg(options).toBuffer();
      return Buffer.concat([bytes.subarray(0, length + more), EOI]);
    };
    await expect(make(await cutAbove(16, 50))).resolves.toMatchObject({ width: 150 });
    await expect(make(await cutAbove(16, -50))).rejects.toEqual(rejection("corrupt-image"));
  });

  it("in the detail of a progressive JPEG that is read at an eighth, which does not use it", async () => {
    const bytes = await sample("dandelion-12mp-progressive.jpg");
    const last = bytes.lastIndexOf(Buffer.of(0xff, 0xda));
    await expectAlike(Buffer.concat([bytes.subarray(0, last + 1_000), EOI]), bytes);
  });

  it("of zeros in place of a WebP's pixels, since whole files may end in thousands of zeros", async () => {
    const bytes = await busy().webp().toBuffer();
    await expect(make(bytes.fill(0, Math.floor(bytes.length * 0.6)))).resolves.toMatchObject({ width: 150 });
  });
});

describe("a WebP", () => {
  const kinds: [string, () => Promise<Buffer>][] = [
    ["lossy", () => busy().webp().toBuffer()],
    ["lossless", () => busy().webp({ lossless: true }).toBuffer()],
    ["with transparency", () => busy().ensureAlpha(0.5).webp().toBuffer()],
    ["with metadata", () => busy().withMetadata().webp().toBuffer()],
  ];
  describe.each(kinds)("%s", (_, build) => {
    it.each([8, -8, 1, -1])("whose size is off by %i is made", async (error) => {
      const bytes = await build();
      const lying = Buffer.from(bytes);
      lying.writeUInt32LE(bytes.readUInt32LE(4) + error, 4);
      await expectAlike(lying, bytes);
    });
  });

  it("without its last pad byte is made", async () => {
    // A chunk of an odd size after the image.
    const build = async () => {
      const bytes = await busy()
        .withMetadata({ exif: { IFD0: { Copyright: "odd" } } })
        .webp()
        .toBuffer();
      const size = bytes.readUInt32LE(4);
      const odd = Buffer.concat([bytes, Buffer.from("XXXX\x03\0\0\0abc\0", "latin1")]);
      odd.writeUInt32LE(size + 12, 4);
      return odd;
    };
    const bytes = await build();
    await expectAlike(bytes.subarray(0, -1), bytes);
  });

  it("that is cut inside its pixels is rejected", async () => {
    const bytes = await busy().webp().toBuffer();
    const cut = bytes.subarray(0, bytes.length - 2);
    await expect(make(cut)).rejects.toEqual(rejection("corrupt-image"));
  });
});

describe("a GIF", () => {
  const gif = () => busy().gif().toBuffer();
  it("without its trailer is made", async () => {
    const bytes = await gif();
    await expectAlike(bytes.subarray(0, -1), bytes);
  });

  it("with a stray zero before its trailer is made", async () => {
    const bytes = await gif();
    await expectAlike(Buffer.concat([bytes.subarray(0, -1), Buffer.of(0, 0x3b)]), bytes);
  });
});

/** Changes the data of a PNG with a single IDAT, as sharp writes it. */
function withData(bytes: Buffer, change: (data: Buffer) => Buffer): Buffer {
  const at = bytes.indexOf("IDAT") - 4;
  const end = at + 8 + bytes.readUInt32BE(at);
  const data = Buffer.from(bytes.subarray(at + 8, end));
  return Buffer.concat([bytes.subarray(0, at), chunk("IDAT", change(data)), bytes.subarray(end + 4)]);
}

describe("a PNG", () => {
  const kinds: [string, () => Promise<Buffer>][] = [
    [
      "plain",
      () =>
        painted(40, 30, (x, y) => [x * 6, y * 8, x ^ y])
          .png()
          .toBuffer(),
    ],
    [
      "interlaced",
      () =>
        painted(40, 30, (x, y) => [x * 6, y * 8, x ^ y])
          .png({ progressive: true })
          .toBuffer(),
    ],
  ];
  const harmless: [string, (bytes: Buffer) => Buffer][] = [
    ["a zlib window that is too small", (bytes) => withData(bytes, (data) => changed(data, 0, 0x18, 0x19))],
    [
      "a wrong Adler-32 after the last pixel",
      (bytes) => withData(bytes, (data) => changed(data, data.length - 4, 1, 2, 3, 4)),
    ],
    [
      "a wrong CRC after the last pixel",
      (bytes) => changed(bytes, bytes.lastIndexOf("IEND") - 8, 1, 2, 3, 4),
    ],
    ["no Adler-32", (bytes) => withData(bytes, (data) => data.subarray(0, -4))],
    ["no end", (bytes) => bytes.subarray(0, -12)],
    ["bytes after its end", (bytes) => Buffer.concat([bytes, Buffer.from("trailing")])],
  ];
  describe.each(kinds)("%s", (_, build) => {
    it.each(harmless)("with %s is made", async (_, damage) => {
      const bytes = await build();
      await expectAlike(damage(bytes), bytes);
    });
  });

  it("whose pixels match neither checksum is rejected", async () => {
    const [[, build] = ["", jpeg]] = kinds;
    const bytes = await build();
    const at = bytes.indexOf("IDAT") + 60;
    await expect(make(changed(bytes, at, (bytes[at] ?? 0) ^ 0x10))).rejects.toEqual(
      rejection("corrupt-image"),
    );
  });
});

describe("an animation with a damaged frame", () => {
  const gif = () => sample("dandelion-zoom.gif");
  const webp = async () =>
    sharp(await gif(), { animated: true })
      .webp({ effort: 0 })
      .toBuffer();
  const cut = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);

  it.each<[string, () => Promise<Buffer>, (bytes: Buffer) => Buffer]>([
    ["a GIF that is cut", gif, cut],
    ["a GIF that is damaged", gif, (bytes) => bytes.fill(0xff, bytes.length - 20_000, bytes.length - 10_000)],
    ["a WebP that is cut", webp, cut],
  ])("is reduced to its first frame, even if all are asked for: %s", async (_, build, damage) => {
    const whole = await build();
    const damaged = damage(Buffer.from(whole));
    await expectAlike(damaged, whole);
    const film = { format: "webp", animated: true } as const;
    expect(await make(whole, film)).toHaveProperty("frames");
    expect(await make(damaged, film)).not.toHaveProperty("frames");
  });

  it.each([
    ["GIF", gif],
    ["WebP", webp],
  ])("is rejected if the damaged frame is the first: %s", async (_, build) => {
    const bytes = await build();
    await expect(make(bytes.subarray(0, 2_000))).rejects.toEqual(rejection("corrupt-image"));
  });
});

describe("a JPEG that no decoder here can read", () => {
  const withFrame = async (change: (frame: Buffer) => void) => {
    const bytes = await jpeg();
    change(bytes.subarray(bytes.indexOf(Buffer.of(0xff, 0xc0)) + 1));
    return bytes;
  };
  it.each<[string, (frame: Buffer) => void]>([
    ["a JPEG of 12 bits per sample", (frame) => frame.fill(12, 3, 4)],
    ["a lossless JPEG", (frame) => frame.fill(0xc3, 0, 1)],
    ["a hierarchical JPEG", (frame) => frame.fill(0xc5, 0, 1)],
    ["a JPEG that gives its height after its pixels", (frame) => frame.fill(0, 4, 6)],
  ])("is rejected with its kind: %s", async (kind, change) => {
    await expect(make(await withFrame(change))).rejects.toEqual(
      rejection("not-decodable", `Expected an image that can be decoded here, found ${kind}. `),
    );
  });
});

it("finding out whether the image is at fault takes no more time than the image may", async () => {
  const bytes = (await sample("dandelion-12mp-progressive.jpg")).subarray(0, 300_000);
  const made = thumbnail(Buffer.concat([bytes, EOI]), ruleOf(png), { ...limits, seconds: 0.001 });
  await expect(made).rejects.toEqual(rejection("too-slow"));
});
