import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Crc32c, Crc64Nvme } from "@aws-sdk/checksums/crc";

interface Hash {
  update(chunk: Uint8Array): void;
  digest(): Promise<Uint8Array>;
}

const ALGORITHMS = {
  crc32: () => new Crc32(),
  crc32c: () => new Crc32c(),
  crc64nvme: () => new Crc64Nvme(),
  sha1: () => new NodeHash("sha1"),
  sha256: () => new NodeHash("sha256"),
} satisfies Record<string, () => Hash>;

/** A checksum algorithm of S3: the header is `x-amz-checksum-<name>`. */
export type Algorithm = keyof typeof ALGORITHMS;

export function isAlgorithm(name: string): name is Algorithm {
  return Object.hasOwn(ALGORITHMS, name);
}

/** The checksum of a few bytes. */
export async function checksum(algorithm: Algorithm, bytes: Uint8Array): Promise<string> {
  const hash: Hash = ALGORITHMS[algorithm]();
  hash.update(bytes);
  return toBase64(await hash.digest());
}

/** Counts and hashes a body while it is streamed. */
export class Digest {
  size = 0;
  readonly #md5 = createHash("md5");
  readonly #hashes: [Algorithm, Hash][];

  constructor(algorithms: Iterable<Algorithm> = []) {
    this.#hashes = [...new Set(algorithms)].map((name) => [name, ALGORITHMS[name]()]);
  }

  update(chunk: Uint8Array): void {
    this.size += chunk.length;
    this.#md5.update(chunk);
    for (const [, hash] of this.#hashes) hash.update(chunk);
  }

  async finish(): Promise<{ md5: Buffer; checksums: Map<Algorithm, string> }> {
    const checksums = new Map<Algorithm, string>();
    for (const [name, hash] of this.#hashes) checksums.set(name, toBase64(await hash.digest()));
    return { md5: this.#md5.digest(), checksums };
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

class Crc32 implements Hash {
  #value = 0;

  update(chunk: Uint8Array): void {
    this.#value = crc32(chunk, this.#value);
  }

  async digest(): Promise<Uint8Array> {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#value);
    return bytes;
  }
}

class NodeHash implements Hash {
  readonly #hash;

  constructor(name: string) {
    this.#hash = createHash(name);
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}
