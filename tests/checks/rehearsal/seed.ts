import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { BUCKETS } from "@thumbsmith/local";
import { configHash, type Manifest, manifestKey, outputHash, outputKey } from "@thumbsmith/shared";
import type { Bucket } from "../../../packages/aws-local/src/s3/bucket.ts";
import { Storage } from "../../../packages/aws-local/src/s3/storage.ts";
import config from "../../../thumbsmith.config.ts";

/** The contents of every source. */
const SOURCE = "not an image";
const AT_ONCE = 64;

/** Writes sources into the local S3's folder, through its storage: over HTTP, it would take five times as long. */
export async function seedSources(directory: string, objects: number): Promise<void> {
  await seed(directory, BUCKETS.uploads, objects, (i) => ({ key: sourceKey(i), text: SOURCE }));
}

/** Writes the manifest that the function would write for each source, so that all are current. */
export async function seedManifests(directory: string, objects: number): Promise<void> {
  await seed(directory, BUCKETS.thumbnails, objects, (i) => {
    const manifest = manifestOf(sourceKey(i));
    return { key: manifestKey(manifest.source.key), text: JSON.stringify(manifest) };
  });
}

/** Names begin with all hexadecimal digits, as those of most applications do. */
function sourceKey(i: number): string {
  return `${config.rules[0]?.prefix}${(i % 16).toString(16)}${String(i).padStart(9, "0")}.jpg`;
}

function manifestOf(key: string): Manifest {
  const [rule] = config.rules;
  const outputs = rule?.variants.map((variant) => ({
    ...{ key: outputKey(rule, variant, key), etag: `"${md5(key)}"`, format: "jpeg" as const },
    ...{ contentType: "image/jpeg", width: 150, height: 150, bytes: 4_096, made: outputHash(variant) },
  }));
  return {
    ...{
      version: 1,
      config: rule ? configHash(rule) : "",
      madeAt: new Date().toISOString(),
      release: "0.2.0",
    },
    ...{ outcome: "made", outputs: outputs ?? [] },
    source: {
      key,
      etag: `"${md5(SOURCE)}"`,
      bytes: SOURCE.length,
      format: "jpeg",
      width: 4_000,
      height: 3_000,
    },
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
