import { createHash } from "node:crypto";
import { S3Error } from "../errors.ts";
import type { ChunkSignatures } from "../signature.ts";

const CRLF = Buffer.from("\r\n");
const MAX_LINE_BYTES = 16 * 1024;
const NO_BYTES = Buffer.alloc(0);

/**
 * Decodes an aws-chunked body and collects its trailers. With `signatures`, every chunk and the trailer must have the
 * right signature, in a chain that starts with the request's.
 */
export async function* decodeChunks(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
  signatures?: ChunkSignatures,
): AsyncGenerator<Buffer> {
  const reader = new Reader(source);
  for (;;) {
    const [, digits = "", signature = ""] =
      /^([0-9a-f]{1,16})(?:;chunk-signature=(\w+))?$/i.exec(await reader.line()) ?? incomplete();
    const size = Number.parseInt(digits, 16);
    const hash = createHash("sha256");
    for await (const bytes of reader.bytes(size)) {
      if (signatures) hash.update(bytes);
      yield bytes;
    }
    signatures?.checkChunk(hash.digest("hex"), signature);
    if (size === 0) break;
    if ((await reader.line()) !== "") incomplete();
  }
  await readTrailers(reader, trailers, signatures);
}

async function readTrailers(
  reader: Reader,
  trailers: Map<string, string>,
  signatures?: ChunkSignatures,
): Promise<void> {
  let signed = "";
  for (let line = await reader.line(); line !== ""; line = await reader.line()) {
    const colon = line.indexOf(":");
    if (colon < 1) incomplete();
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    trailers.set(name, value);
    if (name !== "x-amz-trailer-signature") signed += `${name}:${value}\n`;
  }
  if (signatures && signed) signatures.checkTrailer(signed, trailers.get("x-amz-trailer-signature") ?? "");
}

function incomplete(): never {
  throw new S3Error("IncompleteBody", "The aws-chunked body is malformed or ended early.");
}

/** Reads lines and runs of bytes from a stream, and holds only one piece of it in memory. */
class Reader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = NO_BYTES;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf(CRLF);
      if (end >= 0) {
        const line = this.#buffer.toString("latin1", 0, end);
        this.#buffer = this.#buffer.subarray(end + CRLF.length);
        return line;
      }
      if (this.#buffer.length > MAX_LINE_BYTES) incomplete();
      this.#buffer = Buffer.concat([this.#buffer, await this.#next()]);
    }
  }

  async *bytes(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.#buffer.length === 0) this.#buffer = await this.#next();
      const bytes = this.#buffer.subarray(0, left);
      this.#buffer = this.#buffer.subarray(bytes.length);
      left -= bytes.length;
      yield bytes;
    }
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#source.next();
    return done ? incomplete() : value;
  }
}
