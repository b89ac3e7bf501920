import { createStore, readManifest } from "@thumbsmith/functions";
import type { Manifest } from "@thumbsmith/shared";
import { Semaphore } from "async-mutex";
import type { Target } from "./target.ts";

/** Of the 50 connections that the SDK keeps; the others are for listing. */
const limit = new Semaphore(32);

/** The manifest at this key of the thumbnails bucket, if there is one that can be read. */
export async function manifestAt(
  { s3, thumbnailsBucket }: Target,
  at: string,
): Promise<Manifest | undefined> {
  return limit.runExclusive(async () => (await readManifest(createStore(s3, thumbnailsBucket), at)).manifest);
}
