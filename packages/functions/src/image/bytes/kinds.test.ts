import { describe, expect, it } from "vitest";
import { kindOfBytes } from "./kinds.ts";

describe("a file that is not an image", () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>';

  it.each([
    ["an MP4 video", "\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41"],
    ["an MP4 video", "\0\0\0\x18ftypmp42\0\0\0\0mp42isom"],
    ["an MP4 video", "\0\0\0\x14ftyp3gp5\0\0\x01\0"],
    ["a QuickTime video", "\0\0\0\x14ftypqt  \0\0\x02\0qt  "],
    ["a camera's raw file (CR3)", "\0\0\0\x18ftypcrx \0\0\0\x01crx isom"],
    ["a WebM or Matroska video", "\x1a\x45\xdf\xa3\x9f\x42\x86\x81"],
    ["an AVI video", "RIFF\0\x10\0\0AVI LIST"],
    ["a PDF", "%PDF-1.7\n"],
    ["a Photoshop file", "8BPS\0\x01\0\0"],
    ["a BMP", "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"],
    ["an icon (ICO)", "\0\0\x01\0\x01\0\x01\x01"],
    ["a JPEG XL", "\xff\x0a\xfa\x1f\x01"],
    ["a JPEG XL", "\0\0\0\x0cJXL \r\n\x87\n"],
    ["a JPEG 2000", "\0\0\0\x0cjP  \r\n\x87\n"],
    ["a ZIP archive", "PK\x03\x04\x14\0\0\0"],
    ["a gzip file", "\x1f\x8b\x08\0\0\0\0\0"],
    ["an SVG", svg],
    ["an SVG", `<?xml version="1.0"?>\n<!-- drawn by hand -->\n${svg}`],
    ["an HTML page", "\xef\xbb\xbf\n<!DOCTYPE html><title>404</title>"],
    ["an HTML page", `<html><body>${svg}</body></html>`],
    ["XML", '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'],
    ["text", '{"error": "caf\xc3\xa9 not found"}\r\n'],
    ["bytes of another kind", "\x07".repeat(300)],
  ])("is called %s", (kind, bytes) => {
    expect(kindOfBytes(Buffer.from(bytes, "latin1"))).toBe(kind);
  });

  it("is recognised only by its start", () => {
    expect(kindOfBytes(Buffer.concat([Buffer.alloc(2_000, 7), Buffer.from(svg)]))).toBe(
      "bytes of another kind",
    );
  });
});
