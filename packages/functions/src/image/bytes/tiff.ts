/** Bytes of a value of each type: TIFF 6.0, section 2, and BigTIFF. */
const TYPE_BYTES: Record<number, number> = {
  ...{ 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8 },
  ...{ 13: 4, 16: 8, 17: 8, 18: 8 },
};
/** Unsigned integers: BYTE, SHORT, LONG, LONG8. */
const UNSIGNED = new Set([1, 3, 4, 16]);
/** In an image that can be decoded, no field that is read here has more values. */
const MAX_VALUES = 16;
/** libtiff rejects a larger directory as damaged. */
const MAX_ENTRIES = 4_096;

/** An entry of a directory. */
export interface TiffEntry {
  tag: number;
  hasKnownType: boolean;
  /** Whether its values are inside the file. */
  isWhole: boolean;
  /** Its first values, if they are unsigned integers. */
  values(): number[];
  /** Offsets in the file of its type, its count and its value. */
  typeAt: number;
  countAt: number;
  valueAt: number;
}

/**
 * The directories of a TIFF or BigTIFF of either byte order, one for each page, up to one that is cut. It never throws, but
 * never ends if directories form a cycle.
 */
export function* tiffDirectories(file: Buffer): Generator<TiffEntry[]> {
  const read = reader(file);
  const isBig = read(2, 2) === 43;
  const [countBytes, offsetBytes, entryBytes] = isBig ? [8, 8, 20] : [2, 4, 12];
  let start = isBig ? read(8, 8) : read(4, 4);
  for (;;) {
    const first = start + countBytes;
    const count = read(start, countBytes);
    const end = first + count * entryBytes;
    if (start === 0 || count > MAX_ENTRIES || end > file.length) return;
    yield Array.from({ length: count }, (_, i) =>
      readEntry(read, first + i * entryBytes, offsetBytes, file.length),
    );
    start = read(end, offsetBytes);
  }
}

/** Reads an unsigned integer in the file's byte order. It is 0 outside the file. */
type Read = (at: number, bytes: number) => number;

function reader(file: Buffer): Read {
  const isLittle = file[0] === 0x49;
  return (at, bytes) => {
    if (at + bytes > file.length) return 0;
    if (bytes === 8) return Number(isLittle ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at));
    return isLittle ? file.readUIntLE(at, bytes) : file.readUIntBE(at, bytes);
  };
}

function readEntry(read: Read, at: number, offsetBytes: number, length: number): TiffEntry {
  const [typeAt, countAt, valueAt] = [at + 2, at + 4, at + 4 + offsetBytes];
  const type = read(typeAt, 2);
  const bytes = TYPE_BYTES[type] ?? 0;
  const count = read(countAt, offsetBytes);
  const start = count * bytes <= offsetBytes ? valueAt : read(valueAt, offsetBytes);
  return {
    tag: read(at, 2),
    hasKnownType: bytes > 0,
    isWhole: start + count * bytes <= length,
    values: () => {
      const values = UNSIGNED.has(type) ? Math.min(count, MAX_VALUES) : 0;
      return Array.from({ length: values }, (_, i) => read(start + i * bytes, bytes));
    },
    typeAt,
    countAt,
    valueAt,
  };
}
