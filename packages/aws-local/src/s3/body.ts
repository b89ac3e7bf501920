import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { S3Error } from "../errors.ts";
import { type Algorithm, Digest, isAlgorithm } from "./checksums.ts";
import { decodeChunks } from "./chunked.ts";
import type { S3Request } from "./request.ts";

/** S3's limit for one PUT. */
const MAX_PUT_BYTES = 5 * 1024 ** 3;
const MAX_DOCUMENT_BYTES = 2 * 1024 ** 2;
const SIGNED_CHUNKS = /^STREAMING-AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)?$/;
const NOT_CHECKSUMS = new Set(["mode", "type", "algorithm"]);

/** A body that was received, with its MD5, its size and the sender's checksums, which are verified. */
export interface Received {
  md5: Buffer;
  size: number;
  checksums: Map<Algorithm, string>;
}

/** Streams the request's body into a new file. On any error, the file is removed. */
export async function receiveFile(
  request: S3Request,
  file: string,
  algorithms: Algorithm[] = [],
): Promise<Received> {
  const body = new VerifiedBody(request, algorithms);
  return writeFile(body.chunks(), file, () => body.verify());
}

/** Copies bytes that we already have into a new file, and hashes them. */
export async function copyFile(
  source: AsyncIterable<Buffer>,
  file: string,
  algorithms: Algorithm[],
): Promise<Received> {
  const digest = new Digest(algorithms);
  async function* hashed() {
    for await (const chunk of source) {
      digest.update(chunk);
      yield chunk;
    }
  }
  return writeFile(hashed(), file, async () => ({ ...(await digest.finish()), size: digest.size }));
}

async function writeFile<T>(
  source: AsyncIterable<Buffer>,
  file: string,
  finish: () => Promise<T>,
): Promise<T> {
  try {
    await pipeline(source, createWriteStream(file, { flags: "wx" }));
    return await finish();
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/** Reads a small document, such as the XML of DeleteObjects. */
export async function receiveText(request: S3Request): Promise<string> {
  const body = new VerifiedBody(request);
  const chunks: Buffer[] = [];
  for await (const chunk of body.chunks()) {
    if (body.digest.size > MAX_DOCUMENT_BYTES) throw new S3Error("EntityTooLarge");
    chunks.push(chunk);
  }
  await body.verify();
  return Buffer.concat(chunks).toString("utf8");
}

/** The decoded bytes of a body, checked against its headers and trailers. */
class VerifiedBody {
  readonly digest: Digest;
  readonly #request: S3Request;
  readonly #trailers = new Map<string, string>();
  readonly #payload;

  constructor(request: S3Request, algorithms: Algorithm[] = []) {
    this.#request = request;
    this.#checkLength();
    const declared = [...this.#declared()].map(([algorithm]) => algorithm);
    this.digest = new Digest([...algorithms, ...declared]);
    const hash = request.authorization.payloadHash;
    this.#payload = /^[0-9a-f]{64}$/.test(hash) ? createHash("sha256") : undefined;
  }

  async *chunks(): AsyncGenerator<Buffer> {
    const { payloadHash, chunks } = this.#request.authorization;
    const raw = this.#request.body();
    const signatures = SIGNED_CHUNKS.test(payloadHash) ? chunks : undefined;
    const decoded = isStreaming(payloadHash) ? decodeChunks(raw, this.#trailers, signatures) : raw;
    for await (const chunk of decoded) {
      this.#payload?.update(chunk);
      this.digest.update(chunk);
      if (this.digest.size > MAX_PUT_BYTES) throw new S3Error("EntityTooLarge");
      yield chunk;
    }
  }

  async verify(): Promise<Received> {
    const { headers, authorization } = this.#request;
    if (this.#payload && this.#payload.digest("hex") !== authorization.payloadHash) {
      throw new S3Error("XAmzContentSHA256Mismatch");
    }
    const declaredSize = headers["x-amz-decoded-content-length"];
    if (isStreaming(authorization.payloadHash) && Number(declaredSize) !== this.digest.size) {
      throw new S3Error("IncompleteBody");
    }
    const { md5, checksums } = await this.digest.finish();
    if (headers["content-md5"] !== undefined && headers["content-md5"] !== md5.toString("base64")) {
      throw new S3Error(isBase64(headers["content-md5"].toString(), 16) ? "BadDigest" : "InvalidDigest");
    }
    for (const [algorithm, expected] of this.#declared()) {
      if (expected !== checksums.get(algorithm)) {
        throw new S3Error(
          "BadDigest",
          `The ${algorithm.toUpperCase()} you specified did not match what we received.`,
        );
      }
    }
    return { md5, size: this.digest.size, checksums };
  }

  /** The checksums in the headers and in the trailers. Those of trailers are undefined until they have arrived. */
  *#declared(): Generator<[Algorithm, string | undefined]> {
    const { headers } = this.#request;
    for (const [header, value] of Object.entries(headers)) {
      const name = checksumName(header);
      if (name !== undefined) yield [known(name), value?.toString()];
    }
    for (const trailer of headers["x-amz-trailer"]?.toString().split(",") ?? []) {
      const name = checksumName(trailer.trim().toLowerCase());
      if (name !== undefined) yield [known(name), this.#trailers.get(`x-amz-checksum-${name}`)];
    }
  }

  #checkLength(): void {
    const { headers, authorization } = this.#request;
    const streaming = isStreaming(authorization.payloadHash);
    const length = streaming ? headers["x-amz-decoded-content-length"] : headers["content-length"];
    if (length === undefined) throw new S3Error("MissingContentLength");
    if (Number(length) > MAX_PUT_BYTES) throw new S3Error("EntityTooLarge");
  }
}

function checksumName(header: string): string | undefined {
  const [, name] = /^x-amz-checksum-([a-z0-9]+)$/.exec(header) ?? [];
  return name === undefined || NOT_CHECKSUMS.has(name) ? undefined : name;
}

function known(name: string): Algorithm {
  if (isAlgorithm(name)) return name;
  throw new S3Error("NotImplemented", `This local server does not implement the checksum ${name}.`);
}

function isStreaming(payloadHash: string): boolean {
  if (payloadHash === "STREAMING-UNSIGNED-PAYLOAD-TRAILER" || SIGNED_CHUNKS.test(payloadHash)) return true;
  if (!payloadHash.startsWith("STREAMING-")) return false;
  throw new S3Error("NotImplemented", `This local server does not implement ${payloadHash}.`);
}

function isBase64(text: string, bytes: number): boolean {
  return Buffer.from(text, "base64").length === bytes;
}
