import { box, u16, u32 } from "./boxes.ts";
import { tiles } from "./heic-tiles.ts";

export type Tile = keyof typeof tiles;

/** Of each tile. */
export const TILE = 64;
/** What the tiles were before they were coded. */
export const tileColours = {
  red: [200, 60, 50],
  green: [60, 170, 80],
  blue: [60, 80, 190],
  white: [250, 250, 250],
} as const;

interface Heic {
  /** One, or those of a grid from left to right, then down. */
  tiles?: readonly Tile[];
  columns?: number;
  /** What is seen of a grid, or said of a single tile. */
  width?: number;
  height?: number;
  /** Properties of the picture: `irot`, `imir`, `clap`, `nclx`, a profile. */
  properties?: readonly Buffer[];
  /** Pictures that are not the primary one, before it and behind it. */
  before?: Tile;
  thumbnail?: Tile;
  depth?: Tile;
  alpha?: Tile;
  /** A TIFF directory, as of a camera. */
  exif?: Buffer;
  brands?: readonly string[];
}

interface Item {
  type: string;
  data: Buffer;
  properties: readonly Buffer[];
  isHidden?: boolean;
}

/** The four tiles of two columns and two rows, of 128 × 128. */
export const FOUR: readonly Tile[] = ["red", "green", "blue", "white"];

/** A HEIC as iPhones write it, of tiles of 64 × 64: ISO/IEC 23008-12. */
export function makeHeic(heic: Heic = {}): Buffer {
  const { tiles = FOUR, columns = tiles.length > 1 ? 2 : 1, properties = [] } = heic;
  const { width = columns * TILE, height = (tiles.length / columns) * TILE } = heic;
  const items: Item[] = [];
  const references: Buffer[] = [];
  const add = (item: Item) => items.push(item);
  const refer = (type: string, from: number, ...to: number[]) =>
    references.push(box(type, u16(from, to.length, ...to)));

  if (heic.before) add(coded(heic.before));
  const isGrid = tiles.length > 1;
  const parts = tiles.map((tile) =>
    add(isGrid ? { ...coded(tile), isHidden: true } : coded(tile, properties, { width, height })),
  );
  const grid = Buffer.concat([Buffer.of(0, 0, tiles.length / columns - 1, columns - 1), u16(width, height)]);
  const all = [size(width, height), ...properties];
  const primary = isGrid ? add({ type: "grid", data: grid, properties: all }) : (parts[0] ?? 0);
  if (isGrid) refer("dimg", primary, ...parts);
  if (heic.thumbnail) refer("thmb", add(coded(heic.thumbnail)), primary);
  if (heic.depth) refer("auxl", add(coded(heic.depth, [auxC("urn:mpeg:hevc:2015:auxid:2")])), primary);
  if (heic.alpha) refer("auxl", add(coded(heic.alpha, [auxC("urn:mpeg:hevc:2015:auxid:1")])), primary);
  if (heic.exif) {
    const data = Buffer.concat([u32(6), Buffer.from("Exif\0\0", "latin1"), heic.exif]);
    refer("cdsc", add({ type: "Exif", data, properties: [], isHidden: true }), primary);
  }
  return write(items, primary, references, heic.brands ?? ["heic", "mif1", "heic"]);
}

/** An ICC profile, as a property. */
export const profile = (icc: Buffer) => box("colr", Buffer.from("prof"), icc);

function coded(tile: Tile, properties: readonly Buffer[] = [], { width = TILE, height = TILE } = {}): Item {
  const { hvcC, data } = tiles[tile];
  const own = [Buffer.from(hvcC, "base64"), size(width, height)];
  return { type: "hvc1", data: Buffer.from(data, "base64"), properties: [...own, ...properties] };
}

function write(items: readonly Item[], primary: number, references: Buffer[], brands: readonly string[]) {
  const lists = items.map(({ properties }) => properties);
  const meta = (start: number) =>
    box(
      "meta",
      u32(0),
      box("hdlr", u32(0, 0), Buffer.from("pict"), Buffer.alloc(13)),
      box("pitm", u32(0), u16(primary)),
      box("iloc", u32(0), u16(0x4400, items.length), ...locations(items, start)),
      box("iinf", u32(0), u16(items.length), ...items.map(itemEntry)),
      ...(references.length > 0 ? [box("iref", u32(0), ...references)] : []),
      box("iprp", box("ipco", ...lists.flat()), box("ipma", u32(0, lists.length), ...associations(lists))),
    );
  const [major = "heic", ...others] = brands;
  const ftyp = box("ftyp", Buffer.from(major), u32(0), Buffer.from(others.join("")));
  const start = ftyp.length + meta(0).length + 8;
  return Buffer.concat([ftyp, meta(start), box("mdat", ...items.map(({ data }) => data))]);
}

const size = (width: number, height: number) => box("ispe", u32(0, width, height));
const auxC = (kind: string) => box("auxC", u32(0), Buffer.from(`${kind}\0`));
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

/** Each item has the properties of its own list. The decoder's, and what turns it, must be understood. */
function associations(lists: readonly (readonly Buffer[])[]): Buffer[] {
  const essential = ["hvcC", "irot", "imir", "clap"];
  let property = 0;
  return lists.map((list, i) => {
    const entries = list.map((each) => {
      property++;
      return property | (essential.includes(each.toString("latin1", 4, 8)) ? 0x80 : 0);
    });
    return Buffer.concat([u16(i + 1), Buffer.of(entries.length, ...entries)]);
  });
}
