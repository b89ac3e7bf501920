/** CIE 1931 coordinates, x and y, of white, red, green and blue. */
export type Primaries = Record<"white" | "red" | "green" | "blue", readonly [number, number]>;

/** Maps a sample of 0 to 1 to light of 0 to 1. */
export type Curve = (sample: number) => number;

type Triple = readonly [number, number, number];

/** The white point of ICC profiles. */
const D50: Triple = [0.9642, 1, 0.8249];
/** Bradford's cone responses, for adapting a colour from one white point to another. */
const CONES = [
  [0.8951, -0.7502, 0.0389],
  [0.2664, 1.7135, -0.0685],
  [-0.1614, 0.0367, 1.0296],
] as const;
const CURVE_SAMPLES = 1_024;
const HEADER_BYTES = 128;

/**
 * An ICC profile of version 2, for a colour space that a file describes by numbers.
 * @returns undefined if the primaries do not span a colour space
 */
export function rgbProfile(primaries: Primaries, curve: Curve): Buffer | undefined {
  const [red, green, blue] = columnsOf(primaries);
  // Primaries of real displays have at most 1.1 in XYZ.
  if (![...red, ...green, ...blue].every((value) => Math.abs(value) < 4)) return undefined;
  const sampled = curveTag(curve);
  const colours = { rXYZ: xyzTag(red), gXYZ: xyzTag(green), bXYZ: xyzTag(blue) };
  return profile("RGB ", { ...colours, rTRC: sampled, gTRC: sampled, bTRC: sampled });
}

export function greyProfile(curve: Curve): Buffer {
  return profile("GRAY", { kTRC: curveTag(curve) });
}

/** The three primaries in XYZ, scaled so that they add up to white, and adapted to D50. */
function columnsOf({ white, red, green, blue }: Primaries): [Triple, Triple, Triple] {
  const points = [xyzOf(red), xyzOf(green), xyzOf(blue)] as const;
  const [w, y] = [xyzOf(white), white[1]];
  const shares = solve(points, [w[0] / y, 1, w[2] / y]);
  const from = combine(CONES, [w[0] / y, 1, w[2] / y]);
  const to = combine(CONES, D50);
  const adapt = (point: Triple, share: number): Triple => {
    const [l, m, s] = combine(CONES, point);
    const adapted = [(l * to[0]) / from[0], (m * to[1]) / from[1], (s * to[2]) / from[2]] as const;
    const [X, Y, Z] = solve(CONES, adapted);
    return [X * share, Y * share, Z * share];
  };
  return [adapt(points[0], shares[0]), adapt(points[1], shares[1]), adapt(points[2], shares[2])];
}

const xyzOf = ([x, y]: readonly [number, number]): Triple => [x, y, 1 - x - y];

type Columns = readonly [Triple, Triple, Triple];

/** The sum of the columns, each times a factor. */
function combine([a, b, c]: Columns, [i, j, k]: Triple): Triple {
  const row = (at: 0 | 1 | 2) => a[at] * i + b[at] * j + c[at] * k;
  return [row(0), row(1), row(2)];
}

/** The factors with which the columns add up to `sum`, by Cramer's rule. */
function solve([a, b, c]: Columns, sum: Triple): Triple {
  const all = determinant(a, b, c);
  return [determinant(sum, b, c) / all, determinant(a, sum, c) / all, determinant(a, b, sum) / all];
}

function determinant(a: Triple, b: Triple, c: Triple): number {
  return (
    a[0] * (b[1] * c[2] - b[2] * c[1]) -
    a[1] * (b[0] * c[2] - b[2] * c[0]) +
    a[2] * (b[0] * c[1] - b[1] * c[0])
  );
}

/** A profile: a header of 128 bytes, a table of tags, then their data. ICC.1:2001-04. */
function profile(space: "RGB " | "GRAY", data: Record<string, Buffer>): Buffer {
  const tags = Object.entries({ desc: description(), wtpt: xyzTag(D50), ...data });
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length);
  let at = HEADER_BYTES + table.length;
  for (const [i, [name, value]] of tags.entries()) {
    table.write(name, 4 + 12 * i, "latin1");
    table.writeUInt32BE(at, 8 + 12 * i);
    table.writeUInt32BE(value.length, 12 + 12 * i);
    at += value.length;
  }
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(at);
  header.writeUInt32BE(0x02100000, 8);
  header.write(`mntr${space}XYZ `, 12, "latin1");
  header.write("acsp", 36, "latin1");
  xyzTag(D50).copy(header, 68, 8);
  return Buffer.concat([header, table, ...tags.map(([, value]) => value)]);
}

function xyzTag(values: Triple): Buffer {
  const tag = Buffer.alloc(20);
  tag.write("XYZ ", "latin1");
  for (const [i, value] of values.entries()) tag.writeInt32BE(Math.round(value * 0x1_0000), 8 + 4 * i);
  return tag;
}

function curveTag(curve: Curve): Buffer {
  const tag = Buffer.alloc(12 + 2 * CURVE_SAMPLES);
  tag.write("curv", "latin1");
  tag.writeUInt32BE(CURVE_SAMPLES, 8);
  for (let i = 0; i < CURVE_SAMPLES; i++) {
    const light = Math.min(1, Math.max(0, curve(i / (CURVE_SAMPLES - 1))));
    tag.writeUInt16BE(Math.round(light * 0xffff), 12 + 2 * i);
  }
  return tag;
}

/** The description that version 2 requires. It may be empty. */
function description(): Buffer {
  const tag = Buffer.alloc(12 + 1 + 78 + 1);
  tag.write("desc", "latin1");
  tag.writeUInt32BE(1, 8);
  return tag;
}
