import type { SourceFormat } from "@thumbsmith/shared";
import { codedItem, readHeif } from "./heif.ts";
import { boxesOf } from "./isobmff.ts";

const MAX_BRAND_BYTES = 256;

const ascii = (bytes: Buffer, start: number, end: number) => bytes.toString("latin1", start, end);

/** What the first bytes of a file say it is. The name and the Content-Type of an upload are a stranger's word. */
export function formatOfBytes(bytes: Buffer): SourceFormat | undefined {
  if (ascii(bytes, 0, 3) === "\xff\xd8\xff") return "jpeg";
  if (ascii(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return "png";
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") return "webp";
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6))) return "gif";
  if (/^(II[*+]\0|MM\0[*+])/.test(ascii(bytes, 0, 4))) return "tiff";
  if (ascii(bytes, 4, 8) === "ftyp") return formatOfItems(bytes);
  return undefined;
}

/** What the picture of an ISO base media file is coded in, or without one to be found, what its brands name. */
function formatOfItems(bytes: Buffer): "avif" | "heic" | undefined {
  const heif = readHeif(bytes);
  const codec = heif?.types.get(codedItem(heif, heif.primary));
  if (codec === "av01") return "avif";
  if (codec === "hvc1") return "heic";
  const ftyp = boxesOf(bytes).next().value;
  const brands = ftyp
    ? (ascii(bytes, ftyp.body, Math.min(ftyp.end, MAX_BRAND_BYTES)).match(/.{4}/gs) ?? [])
    : [];
  if (brands.some((brand) => /^(avi[fs]|MA1[AB])$/.test(brand))) return "avif";
  if (brands.some((brand) => /^(hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand))) return "heic";
  return undefined;
}

/** Whether a PNG begins as Xcode's copies do: no standard chunk, and then pixels that no decoder of PNG knows. */
export function isCgbi(bytes: Buffer): boolean {
  return ascii(bytes, 12, 16) === "CgBI";
}
