import { type Curve, greyProfile, type Primaries, rgbProfile } from "./icc.ts";

/** A colour space that a file describes by numbers, without a profile. */
export interface ColourSpace {
  primaries: Primaries;
  curve: Curve;
}

const D65 = [0.3127, 0.329] as const;
const srgb: Curve = (x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
const BT709: Primaries = { white: D65, red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06] };
export const SRGB: ColourSpace = { primaries: BT709, curve: srgb };

/** From ITU-T H.273, table 2: those that image files use. */
const PRIMARIES: Record<number, Primaries> = {
  1: BT709,
  5: { white: D65, red: [0.64, 0.33], green: [0.29, 0.6], blue: [0.15, 0.06] },
  6: { white: D65, red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07] },
  9: { white: D65, red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046] },
  12: { white: D65, red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06] },
};

/**
 * From table 3. The curve of television cameras, which has several numbers, is displayed with a curve that is nearly
 * sRGB's. PQ (16) and HLG (18) are left out: there is no single right way to map their brightness to sRGB.
 */
const CURVES: Record<number, Curve> = {
  1: srgb,
  4: (x) => x ** 2.2,
  5: (x) => x ** 2.8,
  6: srgb,
  8: (x) => x,
  13: srgb,
  14: srgb,
  15: srgb,
};

/** The colour space of the numbers in PNG's `cICP`, AVIF's `nclx` and AV1 itself. */
export function cicpSpace(primaries: number, transfer: number): ColourSpace | undefined {
  const space = { primaries: PRIMARIES[primaries], curve: CURVES[transfer] };
  return space.primaries && space.curve && { primaries: space.primaries, curve: space.curve };
}

/** A gamma outside these bounds would leave hardly any of the 255 levels. */
const [LEAST_GAMMA, MOST_GAMMA] = [0.1, 10];
/** Smaller differences come from rounding, and from writers that describe sRGB by a gamma of 1 / 2.2. */
const SAME_GAMMA = 0.005;
const SAME_POINT = 0.002;

/** The colour space of PNG's `gAMA` and `cHRM`, which has x and y of white, red, green and blue. */
export function gammaSpace(
  gamma: number,
  [wx, wy, rx, ry, gx, gy, bx, by]: readonly number[],
): ColourSpace | undefined {
  if (gamma < LEAST_GAMMA || gamma > MOST_GAMMA) return undefined;
  const curve: Curve = Math.abs(gamma - 1 / 2.2) < SAME_GAMMA ? srgb : (x) => x ** (1 / gamma);
  if (by === undefined) return { primaries: BT709, curve };
  const given = { white: [wx, wy], red: [rx, ry], green: [gx, gy], blue: [bx, by] } as Primaries;
  const isBt709 = (["white", "red", "green", "blue"] as const).every((name) =>
    given[name].every((value, i) => Math.abs(value - BT709[name][i as 0 | 1]) < SAME_POINT),
  );
  return { primaries: isBt709 ? BT709 : given, curve };
}

/** @returns undefined for sRGB, which needs no profile, and for primaries that do not span a colour space */
export function profileOf({ primaries, curve }: ColourSpace, isGrey = false): Buffer | undefined {
  if (curve === srgb && (isGrey || primaries === BT709)) return undefined;
  return isGrey ? greyProfile(curve) : rgbProfile(primaries, curve);
}
