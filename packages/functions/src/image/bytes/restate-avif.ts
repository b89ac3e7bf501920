import { type Av1Colour, av1Colour } from "./av1.ts";
import { type ColourSpace, cicpSpace, profileOf, SRGB } from "./colour-space.ts";
import { type Association, alphaOf, codedItem, dataOf, type Heif, propertiesOf, readHeif } from "./heif.ts";
import { coloursOf, isNclx, nclxColour } from "./heif-colour.ts";
import { boxesOf, makeBox, uintAt } from "./isobmff.ts";

/** How an AVIF stores its transparency, if libvips would misread it. */
export interface StoredAlpha {
  /** Whether the colours are multiplied by it. */
  isPremultiplied: boolean;
  /** Whether 16 of 255 is transparent, and 235 opaque. */
  isLimited: boolean;
}

/** Properties that turn, mirror and crop an image. */
const TRANSFORMATIONS = ["irot", "imir", "clap"];
/** Levels of 255 in limited range. */
const [BLACK, WHITE] = [16, 235];

/** Rewrites what libvips and libheif would misread in an AVIF: its brands, turned transparency, colours by numbers. */
export function restateAvif(file: Buffer): Buffer {
  const heif = readHeif(file);
  const properties = heif && endsWithBox(file) ? restatedProperties(file, heif) : undefined;
  const { body } = brandsOf(file);
  const isNamed = file.toString("latin1", body, body + 4) === "avif";
  if (!heif || !properties) return isNamed ? file : named(Buffer.from(file));
  const restated = withMeta(file, heif, properties);
  return isNamed ? restated : named(restated);
}

/** What has to be corrected in the transparency of an AVIF once it is decoded. */
export function storedAlpha(file: Buffer): StoredAlpha | undefined {
  const heif = readHeif(file);
  const alpha = heif && alphaOf(file, heif, heif.primary);
  if (!heif || alpha === undefined) return undefined;
  const isPremultiplied = heif.references.some(
    ({ type, from, to }) => type === "prem" && from === heif.primary && to.includes(alpha),
  );
  const isLimited = streamColour(file, heif, alpha)?.fullRange === false;
  return isPremultiplied || isLimited ? { isPremultiplied, isLimited } : undefined;
}

/**
 * libvips recognises an AVIF only by its first brand. The other brands are replaced too, because libheif requires a still
 * for some of them and a sequence for others.
 */
function named(file: Buffer): Buffer {
  const { body, end } = brandsOf(file);
  file.subarray(body, body + 4).write("avif", "latin1");
  // The first brand's version, of four bytes, comes before the others.
  file.subarray(body + 8, end).fill("avif", "latin1");
  return file;
}

const brandsOf = (file: Buffer) => boxesOf(file).next().value ?? { body: 0, end: 0 };

interface Properties {
  boxes: Buffer[];
  associations: Map<number, Association[]>;
}

/** @returns undefined if libvips reads them right */
function restatedProperties(file: Buffer, heif: Heif): Properties | undefined {
  const boxes = heif.properties.map(({ start, end }) => file.subarray(start, end));
  const associations = new Map(heif.associations);
  const picture = associations.get(heif.primary) ?? [];
  const alpha = alphaOf(file, heif, heif.primary);

  // libavif, and so browsers, turn transparency as the colours, and ignore its own properties.
  const turned = alpha === undefined ? undefined : turnedAs(heif, alpha, picture);
  if (alpha !== undefined && turned) associations.set(alpha, turned);

  const profile = profileFor(file, heif);
  if (profile) {
    boxes.push(makeBox("colr", Buffer.from("prof", "latin1"), profile));
    associations.set(heif.primary, [{ property: boxes.length, essential: false }, ...picture]);
  }
  return turned || profile ? { boxes, associations } : undefined;
}

function turnedAs(heif: Heif, item: number, picture: Association[]): Association[] | undefined {
  const isTurn = ({ property }: Association) =>
    TRANSFORMATIONS.includes(heif.properties[property - 1]?.type ?? "");
  const own = heif.associations.get(item) ?? [];
  const [is, shall] = [own.filter(isTurn), picture.filter(isTurn)];
  const isSame = is.length === shall.length && is.every(({ property }, i) => property === shall[i]?.property);
  return isSame ? undefined : [...own.filter((association) => !isTurn(association)), ...shall];
}

/** A profile for a colour space by numbers. For grey, it also corrects limited range, which libheif does not. */
function profileFor(file: Buffer, heif: Heif): Buffer | undefined {
  const coded = codedItem(heif, heif.primary);
  const properties = [heif.primary, coded].flatMap((item) => propertiesOf(heif, item));
  const colours = coloursOf(heif);
  if (colours.some((box) => !isNclx(file, box))) return undefined;
  const colour = colours[0] ? nclxColour(file, colours[0]) : streamColour(file, heif, coded);
  if (!colour) return undefined;
  const space = cicpSpace(colour.primaries, colour.transfer) ?? SRGB;
  const decoder = properties.find(({ type }) => type === "av1C");
  const isGrey = decoder && (uintAt(file, decoder.body + 2, 1) & 0x10) !== 0;
  return profileOf(isGrey && !colour.fullRange ? ofLimitedRange(space) : space);
}

function streamColour(file: Buffer, heif: Heif, item: number): Av1Colour | undefined {
  const data = dataOf(file, heif, codedItem(heif, item));
  return data && av1Colour(data);
}

function ofLimitedRange({ primaries, curve }: ColourSpace): ColourSpace {
  return { primaries, curve: (x) => curve(Math.max(0, (x * 255 - BLACK) / (WHITE - BLACK))) };
}

/** Whether a box can be appended to the file: the last one must neither be cut nor, without a size, extend to the end. */
function endsWithBox(file: Buffer): boolean {
  const last = [...boxesOf(file)].at(-1);
  return last?.end === file.length && uintAt(file, last.start, 4) === last.end - last.start;
}

/** Moves the description of the items to the end of the file, so that the offsets of pixels stay valid. */
function withMeta(file: Buffer, heif: Heif, { boxes, associations }: Properties): Buffer {
  const { meta } = heif;
  const children = [...boxesOf(file, meta.body + 4, meta.end)].map(({ type, start, end }) =>
    type === "iprp"
      ? makeBox("iprp", makeBox("ipco", ...boxes), makeBox("ipma", associationTable(associations)))
      : file.subarray(start, end),
  );
  const restated = Buffer.concat([
    file,
    makeBox("meta", file.subarray(meta.body, meta.body + 4), ...children),
  ]);
  restated.write("free", meta.start + 4, "latin1");
  return restated;
}

/** Version 1 has 32 bits per item, and the flag sets 16 bits per association. */
function associationTable(associations: Map<number, Association[]>): Buffer {
  const entries = [...associations].map(([item, list]) => {
    const entry = Buffer.alloc(5 + 2 * list.length);
    entry.writeUInt32BE(item);
    entry[4] = list.length;
    for (const [i, { property, essential }] of list.entries())
      entry.writeUInt16BE((essential ? 0x8000 : 0) + property, 5 + 2 * i);
    return entry;
  });
  const head = Buffer.from([1, 0, 0, 1, 0, 0, 0, 0]);
  head.writeUInt32BE(entries.length, 4);
  return Buffer.concat([head, ...entries]);
}
