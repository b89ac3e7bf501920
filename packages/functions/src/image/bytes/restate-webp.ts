const FIRST_CHUNK = 12;
const FRAME_HEADER = 16;
const ALPHA = 0x10;

/** A WebP whose header says that it is opaque, though its pixels are not, with a header that says so: RFC 9649. */
export function restateWebp(file: Buffer): Buffer {
  const [flags, kind] = [file[20] ?? 0, file.toString("latin1", FIRST_CHUNK, FIRST_CHUNK + 4)];
  if (kind !== "VP8X" || flags & ALPHA || !hasAlpha(file)) return file;
  const restated = Buffer.from(file);
  restated[20] = flags | ALPHA;
  return restated;
}

function hasAlpha(file: Buffer): boolean {
  for (let at = FIRST_CHUNK; at + 8 <= file.length; ) {
    const type = file.toString("latin1", at, at + 4);
    // Of a lossless picture, the bit behind its width and height.
    if (type === "ALPH" || (type === "VP8L" && (file[at + 12] ?? 0) & ALPHA)) return true;
    const size = file.readUInt32LE(at + 4);
    at += 8 + (type === "ANMF" ? FRAME_HEADER : size + (size % 2));
  }
  return false;
}
