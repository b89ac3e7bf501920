import { crc32 } from "node:zlib";
import type { Random } from "./random.ts";

const MAX_CHANGES = 3;
/** The first bytes of a file, where formats have sizes, counts and offsets. */
const HEAD = 256;
/** Rarely damaged, because a file with an unknown signature is rejected at once. */
const MAGIC = 12;
const TELLING = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
] as const;

type Change = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const CHANGES: readonly [Change, ...Change[]] = [
  flip,
  flip,
  overwrite,
  edit,
  edit,
  cutEnd,
  cutOut,
  splice,
  repeat,
  insert,
  wipe,
];

/** Damages a file like a broken disk, a bad connection or an attacker. */
export function mutate(file: Buffer, random: Random, other: Buffer): Buffer {
  let bytes: Buffer = Buffer.from(file);
  const changes = 1 + random.below(MAX_CHANGES);
  for (let i = 0; i < changes && bytes.length > MAGIC; i++)
    bytes = random.pick(CHANGES)(bytes, random, other);
  if (random.below(10) > 0) file.copy(bytes, 0, 0, Math.min(MAGIC, bytes.length));
  return random.below(2) > 0 ? withRightSums(bytes) : bytes;
}

/** Corrects a PNG's checksums, because decoders stop at the first wrong one and would not get to the damage. */
function withRightSums(bytes: Buffer): Buffer {
  if (!bytes.toString("latin1", 0, 4).endsWith("PNG")) return bytes;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return bytes;
}

function flip(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
}

function overwrite(bytes: Buffer, random: Random): Buffer {
  bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

/** Writes a number at the limit of its type into the head, in either byte order. */
function edit(bytes: Buffer, random: Random): Buffer {
  const size = random.pick([1, 2, 4]);
  const at = random.below(Math.max(1, Math.min(HEAD, bytes.length) - size));
  const value = random.pick(TELLING) % 2 ** (8 * size);
  if (random.below(2)) bytes.writeUIntBE(value, at, size);
  else bytes.writeUIntLE(value, at, size);
  return bytes;
}

function cutEnd(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, MAGIC + random.below(bytes.length - MAGIC));
}

function cutOut(bytes: Buffer, random: Random): Buffer {
  const [start, end] = range(bytes, random);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
}

function splice(bytes: Buffer, random: Random, other: Buffer): Buffer {
  const [start, end] = range(other, random);
  const at = random.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at + end - start)]);
}

function repeat(bytes: Buffer, random: Random): Buffer {
  const [start, end] = range(bytes, random);
  const part = bytes.subarray(start, end);
  return Buffer.concat([
    bytes.subarray(0, end),
    ...Array<Buffer>(1 + random.below(20)).fill(part),
    bytes.subarray(end),
  ]);
}

function insert(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length);
  const noise = Buffer.from(Array.from({ length: 1 + random.below(64) }, () => random.below(256)));
  return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
}

function wipe(bytes: Buffer, random: Random): Buffer {
  const [start, end] = range(bytes, random);
  return bytes.fill(random.pick([0, 255]), start, end);
}

/** A range of up to a quarter of the bytes. */
function range(bytes: Buffer, random: Random): [number, number] {
  const start = random.below(bytes.length);
  return [start, Math.min(bytes.length, start + 1 + random.below(Math.ceil(bytes.length / 4)))];
}
