/** Enough for the first tag of an SVG that has a comment before it. */
const MAX_START_BYTES = 1_024;

/**
 * Other files that people upload, by their first bytes. The kind is only used in a message, so a wrong guess does no harm.
 * The package file-type knows more formats, but not SVG, HTML or text, and it would unzip strangers' files to find out more.
 */
const kinds: readonly [RegExp, string][] = [
  [/^.{4}ftypqt /s, "a QuickTime video"],
  [/^.{4}ftyp(iso|mp4|avc1|M4V|MSNV|dash|3g)/s, "an MP4 video"],
  [/^.{4}ftypcrx/s, "a camera's raw file (CR3)"],
  [/^\x1a\x45\xdf\xa3/, "a WebM or Matroska video"],
  [/^RIFF.{4}AVI /s, "an AVI video"],
  [/^%PDF-/, "a PDF"],
  [/^8BPS/, "a Photoshop file"],
  [/^BM.{4}\0{4}/s, "a BMP"],
  [/^\0\0\x01\0/, "an icon (ICO)"],
  [/^(\xff\x0a|\0\0\0\x0cJXL )/, "a JPEG XL"],
  [/^(\xff\x4f\xff\x51|\0\0\0\x0cjP {2})/, "a JPEG 2000"],
  [/^PK\x03\x04/, "a ZIP archive"],
  [/^\x1f\x8b/, "a gzip file"],
  [/^\s*<(!doctype html|html|head|body)/i, "an HTML page"],
  [/<svg[\s>]/i, "an SVG"],
  [/^\s*<\?xml/i, "XML"],
  [/^[^\0-\x08\x0e-\x1f]+$/, "text"],
];

/** The kind of a file that is not an image, for the end of the sentence "Expected a jpeg, found …". */
export function kindOfBytes(bytes: Buffer): string {
  const start = bytes.toString("latin1", 0, MAX_START_BYTES).replace(/^\xef\xbb\xbf/, "");
  return kinds.find(([pattern]) => pattern.test(start))?.[1] ?? "bytes of another kind";
}
