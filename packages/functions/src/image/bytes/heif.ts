import { type Box, boxesOf, childOf, uintAt } from "./isobmff.ts";

/** A property of an item: its index in `ipco`, from 1, and whether a reader must support it. */
export interface Association {
  property: number;
  essential: boolean;
}

interface Reference {
  type: string;
  from: number;
  to: number[];
}

/** The items of a HEIF file, which is an AVIF or a HEIC: ISO/IEC 23008-12. */
export interface Heif {
  meta: Box;
  /** The item that is displayed. */
  primary: number;
  /** The type of each item: `av01`, `hvc1`, `grid`. */
  types: Map<number, string>;
  references: Reference[];
  properties: Box[];
  associations: Map<number, Association[]>;
}

/** Bytes of a full box's version and flags, which precede its contents. */
const FULL = 4;
/** Enough for a file of thousands of tiles. It limits the time that hostile files take. */
const MAX_META_BYTES = 200_000;
/** The types of an auxiliary image that is transparency, in AVIF and in HEIC. */
const ALPHA = /^urn:mpeg:(mpegB:cicp:systems:auxiliary:alpha|hevc:2015:auxid:1)\0/;
const MAX_KIND_BYTES = 64;

/** @returns undefined for a file without items: a sequence without a still, or an image that is cut early */
export function readHeif(file: Buffer): Heif | undefined {
  const meta = [...boxesOf(file)].find(({ type }) => type === "meta");
  if (!meta || meta.end - meta.body > MAX_META_BYTES) return undefined;
  const inMeta = (type: string) => childOf(file, meta, type, FULL);
  const [pitm, iinf, iref, iprp] = ["pitm", "iinf", "iref", "iprp"].map(inMeta);
  if (!pitm || !iinf) return undefined;
  const ipco = iprp && childOf(file, iprp, "ipco");
  return {
    meta,
    primary: uintAt(file, pitm.body + FULL, file[pitm.body] ? 4 : 2),
    types: typesOf(file, iinf),
    references: iref ? referencesOf(file, iref) : [],
    properties: ipco ? [...boxesOf(file, ipco.body, ipco.end)] : [],
    associations: iprp ? associationsOf(file, iprp) : new Map(),
  };
}

/** The item with an image's samples: for a grid or another derived image, its first part; otherwise the item itself. */
export function codedItem({ types, references }: Heif, item: number): number {
  if (!["grid", "iden", "iovl", "tmap"].includes(types.get(item) ?? "")) return item;
  return references.find(({ type, from }) => type === "dimg" && from === item)?.to[0] ?? item;
}

/** What a HEIC is, if it cannot be decoded. @returns undefined if it can */
export function heifKind(file: Buffer): string | undefined {
  const heif = readHeif(file);
  if (!heif) return "a HEIC in which no still image is found";
  const codec = heif.types.get(codedItem(heif, heif.primary));
  return codec === "hvc1" ? undefined : `a HEIF image that is coded as "${codec}"`;
}

/** The item with an image's transparency. */
export function alphaOf(file: Buffer, heif: Heif, item: number): number | undefined {
  const isAlpha = (other: number) =>
    propertiesOf(heif, other).some(({ type, body, end }) => {
      const kind = body + FULL;
      return (
        type === "auxC" && ALPHA.test(file.toString("latin1", kind, Math.min(end, kind + MAX_KIND_BYTES)))
      );
    });
  const auxiliary = heif.references.filter(({ type, to }) => type === "auxl" && to.includes(item));
  return [...new Set(auxiliary.map(({ from }) => from))].find(isAlpha);
}

export function propertiesOf({ properties, associations }: Heif, item: number): Box[] {
  return (associations.get(item) ?? []).flatMap(({ property }) => properties[property - 1] ?? []);
}

/** The data of an item, or its first part, by its entry in `iloc`. */
export function dataOf(file: Buffer, { meta }: Heif, item: number): Buffer | undefined {
  const iloc = childOf(file, meta, "iloc", FULL);
  if (!iloc) return undefined;
  const version = file[iloc.body] ?? 0;
  const sizes = uintAt(file, iloc.body + FULL, 2);
  const [ofOffset, ofLength, ofBase] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15] as const;
  const ofIndex = version > 0 ? sizes & 15 : 0;
  const ofId = version < 2 ? 2 : 4;
  for (let at = iloc.body + FULL + 2 + ofId; at < iloc.end; ) {
    const id = uintAt(file, at, ofId);
    at += ofId;
    const method = version > 0 ? uintAt(file, at, 2) & 15 : 0;
    at += (version > 0 ? 2 : 0) + 2;
    const base = uintAt(file, at, ofBase);
    const extents = uintAt(file, at + ofBase, 2);
    at += ofBase + 2;
    const start = base + uintAt(file, at + ofIndex, ofOffset);
    const length = uintAt(file, at + ofIndex + ofOffset, ofLength);
    at += extents * (ofIndex + ofOffset + ofLength);
    if (id !== item) continue;
    const from = method === 1 ? childOf(file, meta, "idat", FULL)?.body : 0;
    return from === undefined || method > 1 ? undefined : file.subarray(from + start, from + start + length);
  }
  return undefined;
}

function typesOf(file: Buffer, iinf: Box): Map<number, string> {
  const count = file[iinf.body] ? 4 : 2;
  const types = new Map<number, string>();
  for (const { type, body } of boxesOf(file, iinf.body + FULL + count, iinf.end)) {
    const version = file[body] ?? 0;
    if (type !== "infe" || version < 2) continue;
    const ofId = version === 2 ? 2 : 4;
    // The index of a protection scheme is between the id and the name.
    const name = body + FULL + ofId + 2;
    types.set(uintAt(file, body + FULL, ofId), file.toString("latin1", name, name + 4));
  }
  return types;
}

function referencesOf(file: Buffer, iref: Box): Reference[] {
  const ofId = file[iref.body] ? 4 : 2;
  return [...boxesOf(file, iref.body + FULL, iref.end)].map(({ type, body, end }) => {
    const ids: number[] = [];
    for (let at = body + ofId + 2; at + ofId <= end; at += ofId) ids.push(uintAt(file, at, ofId));
    return { type, from: uintAt(file, body, ofId), to: ids };
  });
}

function associationsOf(file: Buffer, iprp: Box): Map<number, Association[]> {
  const associations = new Map<number, Association[]>();
  for (const { type, body, end } of boxesOf(file, iprp.body, iprp.end)) {
    if (type !== "ipma") continue;
    const ofId = file[body] ? 4 : 2;
    const ofIndex = uintAt(file, body + 3, 1) & 1 ? 2 : 1;
    const isEssential = 2 ** (8 * ofIndex - 1);
    for (let at = body + FULL + 4; at + ofId < end; ) {
      const item = uintAt(file, at, ofId);
      const count = file[at + ofId] ?? 0;
      at += ofId + 1;
      const list = Array.from({ length: count }, (_, i) => uintAt(file, at + i * ofIndex, ofIndex));
      associations.set(
        item,
        list.map((value) => ({ property: value % isEssential, essential: value >= isEssential })),
      );
      at += count * ofIndex;
    }
  }
  return associations;
}
