import type { Sharp } from "sharp";
import { box, u16, u32 } from "./boxes.ts";
import { auxC, ispe, writeHeif } from "./heif.ts";

/** An image in AV1 as sharp encodes it, and its decoder configuration. */
interface Coded {
  data: Buffer;
  av1C: Buffer;
  /** Samples per pixel: 3, or 1 for grey and for alpha. */
  channels: 1 | 3;
}

interface Avif {
  width: number;
  height: number;
  picture: Coded;
  alpha?: Coded;
  /** The first is the major brand. */
  brands?: readonly string[];
  /** Properties of the image and of its alpha. */
  properties?: readonly Buffer[];
  alphaProperties?: readonly Buffer[];
  isPremultiplied?: boolean;
}

/** Encodes an image with transparency. Its alpha can also be used as a grey image. */
export async function coded(image: Sharp): Promise<{ picture: Coded; alpha: Coded }> {
  const avif = await image.avif({ quality: 100, effort: 0, chromaSubsampling: "4:4:4" }).toBuffer();
  // libheif writes two items of 18 bytes each. The last 14 have the offset and the length, around a count.
  const items = avif.indexOf("iloc") + 12;
  const decoders = [avif.indexOf("av1C"), avif.lastIndexOf("av1C")];
  const item = (i: 0 | 1, channels: 1 | 3): Coded => {
    const entry = items + 18 * i;
    const start = avif.readUInt32BE(entry + 4) + avif.readUInt32BE(entry + 10);
    const decoder = (decoders[i] ?? 0) - 4;
    return {
      data: avif.subarray(start, start + avif.readUInt32BE(entry + 14)),
      av1C: avif.subarray(decoder, decoder + avif.readUInt32BE(decoder)),
      channels,
    };
  };
  return { picture: item(0, 3), alpha: item(1, 1) };
}

/**
 * Relabels grey or alpha that was encoded in full range as limited range, without changing its samples. A grey sequence
 * header ends with the bit for full range, one for film grain, and a 1 followed by zeros.
 */
export function ofLimitedRange(grey: Coded): Coded {
  const data = Buffer.from(grey.data);
  // It starts with a temporal delimiter of two bytes, then the header's type and size.
  const last = 3 + (data[3] ?? 0);
  if (data[2] !== 0x0a || !data[last]) throw new Error("Expected a sequence header.");
  const bits = data.readUInt16BE(last - 1);
  data.writeUInt16BE(bits & ~((bits & -bits) << 2), last - 1);
  return { ...grey, data };
}

/** An AVIF with one image, by ISO/IEC 23008-12 and the AV1 Image File Format. */
export function makeAvif(avif: Avif): Buffer {
  const { picture, alpha, brands = ["avif", "mif1", "miaf"] } = avif;
  const coded = alpha ? [picture, alpha] : [picture];
  const own = [avif.properties ?? [], [isAlpha, ...(avif.alphaProperties ?? [])]];
  const size = ispe(avif.width, avif.height);
  const lists = coded.map(({ av1C, channels }, i) => [size, pixi(channels), av1C, ...(own[i] ?? [])]);
  const kinds = ["auxl", ...(avif.isPremultiplied ? ["prem"] : [])];
  const references = kinds.map((type) => box(type, type === "auxl" ? u16(2, 1, 1) : u16(1, 1, 2)));
  return writeHeif({
    items: coded.map(({ data }, i) => ({ type: "av01", data, properties: lists[i] ?? [] })),
    primary: 1,
    references: alpha ? references : [],
    brands,
  });
}

/** A colour space, by the numbers that ITU-T H.273 gives to primaries, transfer and matrix. */
export function nclx(primaries: number, transfer: number, matrix: number, fullRange = true): Buffer {
  return box("colr", Buffer.from("nclx"), u16(primaries, transfer, matrix), Buffer.of(fullRange ? 0x80 : 0));
}

/** Rotates by quarter turns, counterclockwise. */
export const irot = (quarters: number) => box("irot", Buffer.of(quarters));
/** Mirrors left and right. */
export const imir = box("imir", Buffer.of(1));
/** Crops to the upper left quarter: its size, and the offset of its centre from the image's centre, as fractions. */
export const clap = (width: number, height: number) =>
  box("clap", u32(width / 2, 1, height / 2, 1, -width / 4, 1, -height / 4, 1));
const isAlpha = auxC("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha");

const pixi = (channels: number) => box("pixi", u32(0), Buffer.of(channels, ...Array(channels).fill(8)));
