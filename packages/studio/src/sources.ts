import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { createStore, type Report, readManifest } from "@thumbsmith/functions";
import { BUCKETS } from "@thumbsmith/local";
import {
  type Code,
  type Config,
  codes,
  type Job,
  type Manifest,
  manifestKey,
  ruleOf,
} from "@thumbsmith/shared";
import { Semaphore } from "async-mutex";
import { KNOWN_SOURCES, type Reason, type Source } from "./view.ts";

/** Manifests that are read at a time. */
const READS = 8;

/** The newest sources of the uploads bucket, with what their manifests record; the newest last. */
export async function listSources(s3: S3Client, config: Config): Promise<Source[]> {
  const found: Source[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: BUCKETS.uploads })) {
    for (const { Key: key = "", ETag = "", Size = 0, LastModified } of Contents) {
      if (!ruleOf(config, key)) continue;
      found.push(newSource(key, { etag: unquoted(ETag), bytes: Size, uploadedAt: LastModified?.getTime() }));
    }
    found.sort((a, b) => a.uploadedAt - b.uploadedAt).splice(0, found.length - KNOWN_SOURCES);
  }
  const thumbnails = createStore(s3, BUCKETS.thumbnails);
  const limit = new Semaphore(READS);
  const complete = async (source: Source) => {
    const { manifest } = await readManifest(thumbnails, manifestKey(source.key));
    // The outputs of an earlier upload are about to be replaced.
    if (manifest && unquoted(manifest.source.etag) === source.etag) applyManifest(source, manifest);
  };
  await Promise.all(found.map((source) => limit.runExclusive(() => complete(source))));
  return found;
}

/** A source whose upload an event reported. */
export function uploadedSource({ key, etag = "", size = 0 }: Job): Source {
  return newSource(key, { etag, bytes: size });
}

/** Records the result of processing a source. */
export function applyReport(source: Source, { outcome, error }: Report): void {
  if (error) {
    source.status = "failed";
    source.reason = reasonOf(error);
    return;
  }
  const { manifest, result, rule, phases } = outcome;
  if (manifest) applyManifest(source, manifest);
  else Object.assign(source, { ...NOTHING_MADE, status: rule === undefined ? "ignored" : "deleted" });
  if (result === "made") source.phases = phases;
}

export function reasonOf({ code, message }: { code: Code; message: string }): Reason {
  const { meaning, action } = codes[code];
  return { code, message, meaning, action };
}

const NOTHING_MADE = {
  outputs: [],
  image: undefined,
  thumbHash: undefined,
  phases: undefined,
  reason: undefined,
  notes: undefined,
};

function newSource(
  key: string,
  facts: { etag: string; bytes: number; uploadedAt?: number | undefined },
): Source {
  return { key, status: "waiting", outputs: [], ...facts, uploadedAt: facts.uploadedAt ?? Date.now() };
}

function applyManifest(source: Source, manifest: Manifest): void {
  source.etag = unquoted(manifest.source.etag);
  source.bytes = manifest.source.bytes;
  source.status = manifest.outcome;
  if (manifest.outcome === "rejected") {
    Object.assign(source, { ...NOTHING_MADE, reason: reasonOf(manifest.reason) });
    return;
  }
  const { format, width, height } = manifest.source;
  source.image = { format, width, height };
  source.outputs = manifest.outputs.map((output) => ({ ...output, etag: unquoted(output.etag) }));
  source.thumbHash = manifest.thumbHash;
  source.notes = manifest.notes;
  source.reason = undefined;
}

/** Events have the bare ETag; everything else has it in quotes. */
function unquoted(etag: string): string {
  return etag.replaceAll('"', "");
}
