import type { SourceFormat } from "@thumbsmith/shared";

const ascii = (bytes: Uint8Array, start: number, end: number) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1", start, end);

/** What the first bytes of a file say it is. The name and the Content-Type of an upload are a stranger's word. */
export function formatOfBytes(bytes: Uint8Array): SourceFormat | "heic" | undefined {
  if (ascii(bytes, 0, 3) === "\xff\xd8\xff") return "jpeg";
  if (ascii(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return "png";
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") return "webp";
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6))) return "gif";
  if (/^(II[*+]\0|MM\0[*+])/.test(ascii(bytes, 0, 4))) return "tiff";
  if (ascii(bytes, 4, 8) === "ftyp") return formatOfBrands(bytes);
  return undefined;
}

/** An ISO base media file lists what it is compatible with in its first box. AVIF must name itself; other HEIF is HEVC. */
function formatOfBrands(bytes: Uint8Array): "avif" | "heic" | undefined {
  const length = Math.min(Buffer.from(bytes.buffer, bytes.byteOffset, 4).readUInt32BE(), 256);
  const brands = ascii(bytes, 8, length).match(/.{4}/gs) ?? [];
  if (brands.some((brand) => brand === "avif" || brand === "avis")) return "avif";
  if (brands.some((brand) => /^(hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand))) return "heic";
  return undefined;
}
