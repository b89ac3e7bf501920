import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { BUCKETS } from "@thumbsmith/local";
import { configHash, type Manifest, manifestKey } from "@thumbsmith/shared";
import type { Bucket } from "../../../packages/aws-local/src/s3/bucket.ts";
import { Storage } from "../../../packages/aws-local/src/s3/storage.ts";
import config from "../../../thumbsmith.config.ts";

/** Every source is this line of text. */
const SOURCE = "no image";
const AT_ONCE = 64;

/** Writes sources into the local S3's folder. By its own storage, since it takes five times as long over HTTP. */
export async function seedSources(directory: string, objects: number): Promise<void> {
  await seed(directory, BUCKETS.uploads, objects, (i) => ({ key: sourceKey(i), text: SOURCE }));
}

/** Writes what the function would write of each source, so that all are current. */
export async function seedManifests(directory: string, objects: number): Promise<void> {
  await seed(directory, BUCKETS.thumbnails, objects, (i) => {
    const manifest = manifestOf(sourceKey(i));
    return { key: manifestKey(manifest.source.key), text: JSON.stringify(manifest) };
  });
}

/** Names are spread over the hexadecimal digits, as those of most applications are. */
function sourceKey(i: number): string {
  return `${config.rules[0]?.prefix}${(i % 16).toString(16)}${String(i).padStart(9, "0")}.jpg`;
}

function manifestOf(key: string): Manifest {
  const { rules, limits } = config;
  const hash = rules[0] ? configHash(rules[0], limits) : "";
  return {
    ...{ version: 1, config: hash, madeAt: new Date().toISOString(), release: "0.1.0" },
    ...{ outcome: "rejected", reason: { code: "not-an-image", message: "It is a line of text." } },
    source: { key, etag: `"${md5(SOURCE)}"`, bytes: SOURCE.length },
  };
}

async function seed(
  directory: string,
  name: string,
  objects: number,
  objectOf: (i: number) => { key: string; text: string },
): Promise<void> {
  const storage = await Storage.open(directory, () => {});
  await storage.create(name);
  const bucket = storage.bucket(name);
  for (let start = 0; start < objects; start += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, objects - start) }, (_, i) => start + i);
    await Promise.all(numbers.map((i) => put(bucket, objectOf(i))));
  }
  await storage.close();
}

async function put(bucket: Bucket, { key, text }: { key: string; text: string }): Promise<void> {
  const { name: body, path } = bucket.layout.newBody();
  await writeFile(path, text);
  const draft = { etag: md5(text), size: text.length, headers: {}, checksums: {}, body };
  await bucket.put(key, draft, "ObjectCreated:Put");
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
