import { deflateSync } from "node:zlib";
import { type ColourSpace, cicpSpace, gammaSpace, profileOf } from "./colour-space.ts";
import { makePngChunk, type PngChunk, pngChunks } from "./png.ts";

/** Chunks that describe the colour space of a PNG, the one with precedence first. */
const COLOUR_CHUNKS = ["cICP", "iCCP", "sRGB", "gAMA", "cHRM"];
const FIXED_POINT = 100_000;

/** Rewrites what libvips would misread in a PNG: a colour space by numbers, and an animation without its still. */
export function restatePng(file: Buffer): Buffer {
  return withProfile(withFirstFrame(file));
}

function withProfile(file: Buffer): Buffer {
  const head = beforePixels(file);
  const space = spaceOf(file, head);
  // The bit for colour is not set for grey, with or without transparency.
  const profile = space && profileOf(space, ((file[25] ?? 0) & 2) === 0);
  const hasAnother = head.some(({ type }) => type === "iCCP");
  if (!space || (!profile && !hasAnother)) return file;
  const iccp = profile ? [profileChunk(profile)] : [];
  const kept = head.filter(({ type }) => !COLOUR_CHUNKS.includes(type));
  const end = (head.at(-1)?.end ?? 0) + 4;
  const [ihdr, ...rest] = kept.map(({ start, end }) => file.subarray(start, end + 4));
  return Buffer.concat([file.subarray(0, 8), ...(ihdr ? [ihdr] : []), ...iccp, ...rest, file.subarray(end)]);
}

function profileChunk(profile: Buffer): Buffer {
  return makePngChunk("iCCP", Buffer.concat([Buffer.from("-\0\0", "latin1"), deflateSync(profile)]));
}

function spaceOf(file: Buffer, head: PngChunk[]): ColourSpace | undefined {
  const bodyOf = (name: string) => {
    const chunk = head.find(({ type }) => type === name);
    return chunk && file.subarray(chunk.body, chunk.end);
  };
  const cicp = bodyOf("cICP");
  // The third number is the matrix, which must be 0, for RGB.
  const stated = cicp?.length === 4 && cicp[2] === 0 && cicpSpace(cicp[0] ?? 0, cicp[1] ?? 0);
  if (stated) return stated;
  const [gama, chrm] = [bodyOf("gAMA"), bodyOf("cHRM")];
  if (bodyOf("iCCP") || bodyOf("sRGB") || gama?.length !== 4) return undefined;
  const points = chrm?.length === 32 ? Array.from({ length: 8 }, (_, i) => chrm.readUInt32BE(4 * i)) : [];
  const inUnits = points.map((point) => point / FIXED_POINT);
  return gammaSpace(gama.readUInt32BE() / FIXED_POINT, inUnits);
}

/**
 * Replaces the still of an animation by its first frame, if the still is not part of the animation and the frame covers the
 * whole image. In other cases the still is shown.
 */
function withFirstFrame(file: Buffer): Buffer {
  const head = beforePixels(file);
  const types = head.map(({ type }) => type);
  if (!types.includes("acTL") || types.includes("fcTL")) return file;
  const frame: PngChunk[] = [];
  let control: PngChunk | undefined;
  for (const chunk of pngChunks(file)) {
    if (chunk.type === "fcTL" && control) break;
    if (chunk.type === "fcTL") control = chunk;
    if (chunk.type === "fdAT") frame.push(chunk);
  }
  if (!control || !fillsImage(file, control)) return file;
  const kept = head
    .filter(({ type }) => type !== "acTL")
    .map(({ start, end }) => file.subarray(start, end + 4));
  // A frame's data begins with its sequence number.
  const data = frame.map(({ body, end }) => makePngChunk("IDAT", file.subarray(body + 4, end)));
  return Buffer.concat([file.subarray(0, 8), ...kept, ...data, makePngChunk("IEND")]);
}

function fillsImage(file: Buffer, { body, end }: PngChunk): boolean {
  const size = file.subarray(16, 24);
  const place = file.subarray(body + 12, body + 20);
  return (
    end - body === 26 && file.subarray(body + 4, body + 12).equals(size) && place.equals(Buffer.alloc(8))
  );
}

function beforePixels(file: Buffer): PngChunk[] {
  const head: PngChunk[] = [];
  for (const chunk of pngChunks(file)) {
    if (chunk.type === "IDAT") break;
    head.push(chunk);
  }
  return head;
}
