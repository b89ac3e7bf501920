import type { Sharp } from "sharp";
import { box, u16, u32 } from "./boxes.ts";

/** An AV1 picture as sharp codes it, and what a decoder needs to begin. */
interface Coded {
  data: Buffer;
  av1C: Buffer;
  /** The samples of a pixel: 3, or 1 for grey and for alpha. */
  channels: 1 | 3;
}

interface Avif {
  width: number;
  height: number;
  picture: Coded;
  alpha?: Coded;
  /** The first is the major brand. */
  brands?: readonly string[];
  /** Properties of the picture, and of its alpha. */
  properties?: readonly Buffer[];
  alphaProperties?: readonly Buffer[];
  isPremultiplied?: boolean;
}

/** Codes a picture with transparency. A grey AVIF is made of its alpha. */
export async function coded(image: Sharp): Promise<{ picture: Coded; alpha: Coded }> {
  const avif = await image.avif({ quality: 100, effort: 0, chromaSubsampling: "4:4:4" }).toBuffer();
  // libheif writes two items of 18 bytes each, with offset and length in the last 14, before and behind a count.
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
 * What was coded as grey or alpha of full range, said to be of limited range. A grey sequence header ends with the bit
 * for full range, one for film grain, and a one behind which there are zeros.
 */
export function ofLimitedRange(grey: Coded): Coded {
  const data = Buffer.from(grey.data);
  // A temporal delimiter of two bytes, and a header's type and size.
  const last = 3 + (data[3] ?? 0);
  if (data[2] !== 0x0a || !data[last]) throw new Error("Expected a sequence header.");
  const bits = data.readUInt16BE(last - 1);
  data.writeUInt16BE(bits & ~((bits & -bits) << 2), last - 1);
  return { ...grey, data };
}

/** An AVIF of one picture: ISO/IEC 23008-12, and the AV1 Image File Format. */
export function makeAvif(avif: Avif): Buffer {
  const { picture, alpha, brands = ["avif", "mif1", "miaf"] } = avif;
  const coded = alpha ? [picture, alpha] : [picture];
  const own = [avif.properties ?? [], [auxC, ...(avif.alphaProperties ?? [])]];
  const size = box("ispe", u32(0, avif.width, avif.height));
  const lists = coded.map(({ av1C, channels }, i) => [size, pixi(channels), av1C, ...(own[i] ?? [])]);
  const references = ["auxl", ...(avif.isPremultiplied ? ["prem"] : [])].map((type) =>
    box(type, type === "auxl" ? u16(2, 1, 1) : u16(1, 1, 2)),
  );
  const meta = (start: number) =>
    box(
      "meta",
      u32(0),
      box("hdlr", u32(0, 0), Buffer.from("pict"), Buffer.alloc(13)),
      box("pitm", u32(0), u16(1)),
      box("iloc", u32(0), u16(0x4400, coded.length), ...locations(coded, start)),
      box("iinf", u32(0), u16(coded.length), ...coded.map((_, i) => itemEntry(i + 1))),
      ...(alpha ? [box("iref", u32(0), ...references)] : []),
      box("iprp", box("ipco", ...lists.flat()), box("ipma", u32(0, lists.length), ...associations(lists))),
    );
  const [major = "avif"] = brands;
  const ftyp = box("ftyp", Buffer.from(major), u32(0), Buffer.from(brands.slice(1).join("")));
  const start = ftyp.length + meta(0).length + 8;
  return Buffer.concat([ftyp, meta(start), box("mdat", ...coded.map(({ data }) => data))]);
}

/** A colour space by ITU-T H.273's numbers of primaries, transfer and matrix. */
export function nclx(primaries: number, transfer: number, matrix: number, fullRange = true): Buffer {
  return box("colr", Buffer.from("nclx"), u16(primaries, transfer, matrix), Buffer.of(fullRange ? 0x80 : 0));
}

/** By so many quarters, against the clock. */
export const irot = (quarters: number) => box("irot", Buffer.of(quarters));
/** From left to right. */
export const imir = box("imir", Buffer.of(1));
/** The left upper quarter: its size, and how far its middle is from that of the picture, as fractions. */
export const clap = (width: number, height: number) =>
  box("clap", u32(width / 2, 1, height / 2, 1, -width / 4, 1, -height / 4, 1));
const auxC = box("auxC", u32(0), Buffer.from("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"));

const pixi = (channels: number) => box("pixi", u32(0), Buffer.of(channels, ...Array(channels).fill(8)));
const itemEntry = (id: number) =>
  box("infe", Buffer.of(2, 0, 0, 0), u16(id, 0), Buffer.from("av01"), Buffer.alloc(1));

function locations(coded: readonly Coded[], start: number): Buffer[] {
  let at = start;
  return coded.map(({ data }, i) => {
    const place = Buffer.concat([u16(i + 1, 0, 1), u32(at, data.length)]);
    at += data.length;
    return place;
  });
}

/** Each item has the properties of its own list. The decoder's, and what turns it, must be understood. */
function associations(lists: readonly (readonly Buffer[])[]): Buffer[] {
  const essential = ["av1C", "irot", "imir", "clap"];
  let property = 0;
  return lists.map((list, i) => {
    const entries = list.map((box) => {
      property++;
      return property | (essential.includes(box.toString("latin1", 4, 8)) ? 0x80 : 0);
    });
    return Buffer.concat([u16(i + 1), Buffer.of(entries.length, ...entries)]);
  });
}
