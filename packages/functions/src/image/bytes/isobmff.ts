/** A box of the ISO base media file format, the container of AVIF and HEIC: ISO/IEC 14496-12, 4.2. */
export interface Box {
  type: string;
  /** Offsets in the file: where its header begins, where its contents begin, and where it ends. */
  start: number;
  body: number;
  end: number;
}

/** More than any file needs. It limits the time that a file of empty boxes takes. */
const MAX_BOXES = 10_000;

/** The boxes between two offsets of a file. A box that would end after `to` ends there. */
export function* boxesOf(file: Buffer, from = 0, to = file.length): Generator<Box> {
  let start = from;
  for (let count = 0; count < MAX_BOXES && start + 8 <= to; count++) {
    const short = uintAt(file, start, 4);
    const header = short === 1 ? 16 : 8;
    const size = short === 0 ? to - start : short === 1 ? uintAt(file, start + 8, 8) : short;
    if (size < header) return;
    const end = Math.min(start + size, to);
    yield { type: file.toString("latin1", start + 4, start + 8), start, body: start + header, end };
    start = end;
  }
}

/** The first box of a type inside another, whose own fields take `skip` bytes: 4 in a full box. */
export function childOf(file: Buffer, parent: Box, type: string, skip = 0): Box | undefined {
  for (const box of boxesOf(file, parent.body + skip, parent.end)) if (box.type === type) return box;
  return undefined;
}

export function makeBox(type: string, ...parts: Uint8Array[]): Buffer {
  const header = Buffer.alloc(8);
  header.write(type, 4, "latin1");
  const box = Buffer.concat([header, ...parts]);
  box.writeUInt32BE(box.length);
  return box;
}

/** Reads an unsigned integer of 0 to 8 bytes. Bytes after the end of the file are 0; above 2 ** 53, it is inexact. */
export function uintAt(file: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + (file[at + i] ?? 0);
  return value;
}
