import { box, u16, u32 } from "./boxes.ts";
import { tiles } from "./heic-tiles.ts";
import { auxC, type Item, ispe, writeHeif } from "./heif.ts";

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
  /** The first is the major brand. */
  brands?: readonly string[];
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
  const all = [ispe(width, height), ...properties];
  const primary = isGrid ? add({ type: "grid", data: grid, properties: all }) : (parts[0] ?? 0);
  if (isGrid) refer("dimg", primary, ...parts);
  if (heic.thumbnail) refer("thmb", add(coded(heic.thumbnail)), primary);
  if (heic.depth) refer("auxl", add(coded(heic.depth, [auxC("urn:mpeg:hevc:2015:auxid:2")])), primary);
  if (heic.alpha) refer("auxl", add(coded(heic.alpha, [auxC("urn:mpeg:hevc:2015:auxid:1")])), primary);
  if (heic.exif) {
    const data = Buffer.concat([u32(6), Buffer.from("Exif\0\0", "latin1"), heic.exif]);
    refer("cdsc", add({ type: "Exif", data, properties: [], isHidden: true }), primary);
  }
  return writeHeif({ items, primary, references, brands: heic.brands ?? ["heic", "mif1", "heic"] });
}

/** An ICC profile, as a property. */
export const profile = (icc: Buffer) => box("colr", Buffer.from("prof"), icc);

function coded(tile: Tile, properties: readonly Buffer[] = [], { width = TILE, height = TILE } = {}): Item {
  const { hvcC, data } = tiles[tile];
  const own = [Buffer.from(hvcC, "base64"), ispe(width, height)];
  return { type: "hvc1", data: Buffer.from(data, "base64"), properties: [...own, ...properties] };
}
