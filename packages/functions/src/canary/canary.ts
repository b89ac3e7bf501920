import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import {
  type Config,
  canaryPrefix,
  type Environment,
  type Manifest,
  manifestKey,
  sourceFormats,
} from "@thumbsmith/shared";
import { readManifest } from "../sync/observe.ts";
import { createStore } from "../sync/store.ts";
import { images } from "./images.ts";

/** Milliseconds between requests for the manifest. */
const POLL_INTERVAL_MS = 500;

export interface Canary {
  config: Pick<Config, "rules">;
  environment: Environment;
  client: S3Client;
  /** How long to wait for the manifest. */
  seconds: number;
}

/**
 * Uploads a small image under the first rule, waits for its manifest, and always removes the image.
 * @returns the seconds from the upload to the manifest
 * @throws Error if there is no manifest in time, or if the image was rejected
 */
export async function sendCanary({ config, environment, client, seconds }: Canary): Promise<number> {
  const Bucket = environment.UPLOADS_BUCKET;
  const format = config.rules[0]?.formats[0] ?? "jpeg";
  const Key = `${canaryPrefix(config)}${randomUUID()}${sourceFormats[format].suffixes[0]}`;
  const Body = Buffer.from(images[format], "base64");
  const begun = performance.now();
  const { VersionId } = await client.send(new PutObjectCommand({ Bucket, Key, Body }));
  try {
    const manifest = await manifestOf(Key, environment, client, begun + seconds * 1_000);
    if (!manifest) throw new Error(`Expected a manifest of ${Key} within ${seconds} s, found none.`);
    if (manifest.outcome === "made") return (performance.now() - begun) / 1_000;
    throw new Error(`Expected thumbnails of ${Key}, found it rejected: ${manifest.reason.code}.`);
  } finally {
    // With the version, so that not even a noncurrent one is left.
    await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  }
}

async function manifestOf(
  key: string,
  environment: Environment,
  client: S3Client,
  end: number,
): Promise<Manifest | undefined> {
  const store = createStore(client, environment.THUMBNAILS_BUCKET);
  for (;;) {
    const { manifest } = await readManifest(store, manifestKey(key));
    if (manifest || performance.now() > end) return manifest;
    await delay(POLL_INTERVAL_MS);
  }
}
