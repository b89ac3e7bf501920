import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { Digest } from "./checksums.ts";
import type { Draft } from "./version.ts";

const CONTENT_TYPES: Record<string, string> = {
  ".avif": "image/avif",
  ".gif": "image/gif",
  ".heic": "image/heic",
  ".html": "text/html",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".tif": "image/tiff",
  ".tiff": "image/tiff",
  ".txt": "text/plain",
  ".webp": "image/webp",
};

/** Describes a file as if it had been put. */
export async function describeFile(path: string): Promise<Draft> {
  const digest = new Digest();
  for await (const chunk of createReadStream(path)) digest.update(chunk);
  const { md5 } = await digest.finish();
  const type = CONTENT_TYPES[extname(path).toLowerCase()] ?? "binary/octet-stream";
  return {
    etag: md5.toString("hex"),
    size: digest.size,
    headers: { "content-type": type },
    checksums: {},
    body: randomUUID(),
  };
}
