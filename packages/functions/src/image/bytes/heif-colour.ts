import type { Av1Colour } from "./av1.ts";
import { cicpSpace, profileOf, SRGB } from "./colour-space.ts";
import { codedItem, type Heif, propertiesOf, readHeif } from "./heif.ts";
import { type Box, uintAt } from "./isobmff.ts";

/** The `colr` boxes of the primary item, then those of its first tile. */
export function coloursOf(heif: Heif): Box[] {
  const items = [heif.primary, codedItem(heif, heif.primary)];
  return items.flatMap((item) => propertiesOf(heif, item)).filter(({ type }) => type === "colr");
}

export function isNclx(file: Buffer, { body }: Box): boolean {
  return file.toString("latin1", body, body + 4) === "nclx";
}

export function nclxColour(file: Buffer, { body }: Box): Av1Colour {
  const [primaries, transfer] = [uintAt(file, body + 4, 2), uintAt(file, body + 6, 2)];
  return { primaries, transfer, fullRange: uintAt(file, body + 10, 1) >= 0x80 };
}

/** Offset of the colour space's name in an ICC profile. */
const SPACE = 16;

/** The profile of an image that is decoded to RGB. @returns undefined for sRGB */
export function heifProfile(file: Buffer): Buffer | undefined {
  const heif = readHeif(file);
  if (!heif) return undefined;
  const colours = coloursOf(heif);
  const profile = colours.find((box) => !isNclx(file, box));
  if (profile) {
    const icc = file.subarray(profile.body + 4, profile.end);
    return icc.toString("latin1", SPACE, SPACE + 4) === "RGB " ? icc : undefined;
  }
  const [nclx] = colours;
  if (!nclx) return undefined;
  const { primaries, transfer } = nclxColour(file, nclx);
  return profileOf(cicpSpace(primaries, transfer) ?? SRGB);
}
