import { box, u16, u32 } from "./boxes.ts";
import { tiles } from "./heic-tiles.ts";
import { auxC, type Item, ispe, writeHeif } from "./heif.ts";

export type Tile = keyof typeof tiles;

/** Pixels of a tile's side. */
export const TILE = 64;
/** The colours of the tiles before they were encoded. */
export const tileColours = {
  red: [200, 60, 50],
  green: [60, 170, 80],
  blue: [60, 80, 190],
  white: [250, 250, 250],
} as const;

interface Heic {
  /** One tile, or those of a grid, row by row. */
  tiles?: readonly Tile[];
  columns?: number;
  /** Pixels of the grid that are shown, or the size that the file gives for a single tile. */
  width?: number;
  height?: number;
  /** Properties of the image: `irot`, `imir`, `clap`, `nclx`, a profile. */
  properties?: readonly Buffer[];
  /** Images other than the primary one, before and after it. */
  before?: Tile;
  thumbnail?: Tile;
  depth?: Tile;
  alpha?: Tile;
  /** A TIFF directory, as cameras write it. */
  exif?: Buffer;
  /** The first is the major brand. */
  brands?: readonly string[];
}

/** Four tiles for two columns and two rows: 128 × 128 pixels. */
export const FOUR: readonly Tile[] = ["red", "green", "blue", "white"];

/** A HEIC as iPhones write it, by ISO/IEC 23008-12, but with tiles of 64 × 64 pixels. */
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

/** A property with an ICC profile. */
export const profile = (icc: Buffer) => box("colr", Buffer.from("prof"), icc);

function coded(tile: Tile, properties: readonly Buffer[] = [], { width = TILE, height = TILE } = {}): Item {
  const { hvcC, data } = tiles[tile];
  const own = [Buffer.from(hvcC, "base64"), ispe(width, height)];
  return { type: "hvc1", data: Buffer.from(data, "base64"), properties: [...own, ...properties] };
}
