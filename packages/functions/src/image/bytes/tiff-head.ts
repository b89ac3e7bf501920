/** The layout of raw RGB, or of RGBA without premultiplication. */
interface Raw {
  width: number;
  height: number;
  channels: 3 | 4;
  profile?: Buffer | undefined;
}

/** libtiff holds one strip at a time. */
const ROWS_PER_STRIP = 16;
const [SHORT, LONG, UNDEFINED] = [3, 4, 7] as const;
const [RGB, UNASSOCIATED_ALPHA] = [2, 2];

type Field = readonly [
  tag: number,
  type: typeof SHORT | typeof LONG | typeof UNDEFINED,
  values: Iterable<number>,
];

/** The bytes before the pixels of an uncompressed TIFF with 8 bits per sample: TIFF 6.0, sections 2 and 6. */
export function tiffHead(raw: Raw): Buffer {
  const { width, height, channels, profile } = raw;
  const strip = ROWS_PER_STRIP * width * channels;
  const strips = Math.ceil(height / ROWS_PER_STRIP);
  const last = width * height * channels - (strips - 1) * strip;
  const fields = (start: number): Field[] => [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, Array(channels).fill(8)],
    [259, SHORT, [1]],
    [262, SHORT, [RGB]],
    [273, LONG, Array.from({ length: strips }, (_, i) => start + i * strip)],
    [277, SHORT, [channels]],
    [278, LONG, [ROWS_PER_STRIP]],
    [279, LONG, Array.from({ length: strips }, (_, i) => (i < strips - 1 ? strip : last))],
    ...(channels === 4 ? [[338, SHORT, [UNASSOCIATED_ALPHA]] as const] : []),
    ...(profile ? [[34675, UNDEFINED, profile] as const] : []),
  ];
  return write(fields(write(fields(0)).length));
}

const BYTES = { [SHORT]: 2, [LONG]: 4, [UNDEFINED]: 1 };
const FIRST = 8;

/** Writes one directory, then the values that do not fit into its entries. */
function write(fields: readonly Field[]): Buffer {
  const directory = Buffer.alloc(FIRST + 2 + 12 * fields.length + 4);
  directory.write("II*\0", "latin1");
  directory.writeUInt32LE(FIRST, 4);
  directory.writeUInt16LE(fields.length, FIRST);
  const behind: Buffer[] = [];
  let at = directory.length;
  for (const [i, [tag, type, values]] of fields.entries()) {
    const entry = FIRST + 2 + 12 * i;
    const data = pack([...values], BYTES[type]);
    directory.writeUInt16LE(tag, entry);
    directory.writeUInt16LE(type, entry + 2);
    directory.writeUInt32LE(data.length / BYTES[type], entry + 4);
    if (data.length <= 4) {
      data.copy(directory, entry + 8);
      continue;
    }
    directory.writeUInt32LE(at, entry + 8);
    // Values begin at even offsets.
    behind.push(data, Buffer.alloc(data.length % 2));
    at += data.length + (data.length % 2);
  }
  return Buffer.concat([directory, ...behind]);
}

function pack(values: readonly number[], bytes: number): Buffer {
  const data = Buffer.alloc(values.length * bytes);
  for (const [i, value] of values.entries()) data.writeUIntLE(value, i * bytes, bytes);
  return data;
}
