import type { SourceFormat } from "@thumbsmith/shared";
import { codedItem, readHeif } from "./heif.ts";
import { boxesOf } from "./isobmff.ts";

const MAX_BRAND_BYTES = 256;

const ascii = (bytes: Buffer, start: number, end: number) => bytes.toString("latin1", start, end);

/** The format of a file by its first bytes. The name and the Content-Type are not used: uploaders can choose them freely. */
export function formatOfBytes(bytes: Buffer): SourceFormat | undefined {
  if (ascii(bytes, 0, 3) === "\xff\xd8\xff") return "jpeg";
  if (ascii(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return "png";
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") return "webp";
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6))) return "gif";
  if (/^(II[*+]\0|MM\0[*+])/.test(ascii(bytes, 0, 4))) return "tiff";
  if (ascii(bytes, 4, 8) === "ftyp") return formatOfItems(bytes);
  return undefined;
}

/** The format of an ISO base media file by the codec of its primary item or, if none is found, by its brands. */
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

/** Whether a PNG begins with Xcode's CgBI chunk: its pixels are then stored in a way that PNG decoders cannot read. */
export function isCgbi(bytes: Buffer): boolean {
  return ascii(bytes, 12, 16) === "CgBI";
}
