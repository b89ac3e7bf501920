import { box, u16, u32 } from "./boxes.ts";

/** An item of a HEIF file, with its properties. */
export interface Item {
  type: string;
  data: Buffer;
  properties: readonly Buffer[];
  isHidden?: boolean;
}

interface Heif {
  /** Numbered from 1. */
  items: readonly Item[];
  primary: number;
  references: readonly Buffer[];
  /** The first is the major brand. */
  brands: readonly string[];
}

/** A HEIF file (ISO/IEC 23008-12), which AVIF and HEIC are kinds of. */
export function writeHeif({ items, primary, references, brands }: Heif): Buffer {
  const lists = items.map(({ properties }) => properties);
  const properties = distinct(lists.flat());
  const meta = (start: number) =>
    box(
      "meta",
      u32(0),
      box("hdlr", u32(0, 0), Buffer.from("pict"), Buffer.alloc(13)),
      box("pitm", u32(0), u16(primary)),
      box("iloc", u32(0), u16(0x4400, items.length), ...locations(items, start)),
      box("iinf", u32(0), u16(items.length), ...items.map(itemEntry)),
      ...(references.length > 0 ? [box("iref", u32(0), ...references)] : []),
      box(
        "iprp",
        box("ipco", ...properties),
        box("ipma", u32(0, lists.length), ...associations(lists, properties)),
      ),
    );
  const [major = "mif1", ...others] = brands;
  const ftyp = box("ftyp", Buffer.from(major), u32(0), Buffer.from(others.join("")));
  const start = ftyp.length + meta(0).length + 8;
  return Buffer.concat([ftyp, meta(start), box("mdat", ...items.map(({ data }) => data))]);
}

export const ispe = (width: number, height: number) => box("ispe", u32(0, width, height));
export const auxC = (kind: string) => box("auxC", u32(0), Buffer.from(`${kind}\0`));

const itemEntry = ({ type, isHidden }: Item, i: number) =>
  box("infe", Buffer.of(2, 0, 0, isHidden ? 1 : 0), u16(i + 1, 0), Buffer.from(type), Buffer.alloc(1));

function locations(items: readonly Item[], start: number): Buffer[] {
  let at = start;
  return items.map(({ data }, i) => {
    const place = Buffer.concat([u16(i + 1, 0, 1), u32(at, data.length)]);
    at += data.length;
    return place;
  });
}

/** Each is written once: an index has only seven bits, and a photograph has many tiles. */
function distinct(properties: readonly Buffer[]): Buffer[] {
  return properties.filter((each, i) => properties.findIndex((other) => other.equals(each)) === i);
}

/** Associates each item with the properties of its list. The decoder configuration and transformations are essential. */
function associations(lists: readonly (readonly Buffer[])[], properties: readonly Buffer[]): Buffer[] {
  const essential = ["av1C", "hvcC", "irot", "imir", "clap"];
  return lists.map((list, i) => {
    const entries = list.map((each) => {
      const index = 1 + properties.findIndex((other) => other.equals(each));
      return index | (essential.includes(each.toString("latin1", 4, 8)) ? 0x80 : 0);
    });
    return Buffer.concat([u16(i + 1), Buffer.of(entries.length, ...entries)]);
  });
}
