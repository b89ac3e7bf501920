import { readManifest } from "@thumbsmith/functions";
import type { Manifest } from "@thumbsmith/shared";
import { Semaphore } from "async-mutex";
import { createQuickReader, type Reader } from "./quick-reader.ts";
import type { Target } from "./target.ts";

/** Of the SDK's 50 connections, as many as read manifests. The other eight list parts of a bucket. */
const limit = new Semaphore(42);
const readers = new WeakMap<Target, Promise<Reader>>();

/** The manifest at this key of the thumbnails bucket, if there is one that can be read. */
export async function manifestAt(target: Target, at: string): Promise<Manifest | undefined> {
  const reader = readers.get(target) ?? createQuickReader(target.s3, target.thumbnailsBucket);
  readers.set(target, reader);
  return limit.runExclusive(async () => (await readManifest(await reader, at)).manifest);
}
