import {
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Manifest } from "@thumbsmith/shared";
import { buckets } from "./config.ts";
import { colourOf } from "./pictures.ts";

const { UPLOADS_BUCKET, THUMBNAILS_BUCKET } = buckets;

export interface Audit {
  sources: number;
  outputs: number;
  /** Sources with missing outputs. */
  lost: string[];
  /** Outputs and manifests of a version other than the source's. */
  stale: string[];
  /** Objects without a source. */
  orphaned: string[];
}

/** Compares everything in the two buckets. From the code that filled them, it uses only the manifest's schema. */
export async function audit(s3: S3Client): Promise<Audit> {
  const sources = await list(s3, UPLOADS_BUCKET);
  const left = new Set(await list(s3, THUMBNAILS_BUCKET));
  const found: Audit = { sources: sources.length, outputs: 0, lost: [], stale: [], orphaned: [] };
  for (const source of sources) {
    const path = source.slice("uploads/".length);
    const names = [`small/${path}`, `large/${path}.webp`];
    const expected = await colourOf(await read(s3, UPLOADS_BUCKET, source)).catch(() => undefined);
    const wanted = [`manifests/${source}.json`, ...(expected ? names : [])];
    const missing = wanted.filter((key) => !left.has(key));
    found.lost.push(...missing);
    found.outputs += wanted.length - missing.length;
    for (const key of wanted) left.delete(key);
    if (missing.length === 0) found.stale.push(...(await stale(s3, source, expected ? names : [], expected)));
  }
  found.orphaned.push(...left);
  return found;
}

async function stale(s3: S3Client, source: string, outputs: string[], colour?: string): Promise<string[]> {
  const at = `manifests/${source}.json`;
  const manifest = Manifest.parse(JSON.parse(Buffer.from(await read(s3, THUMBNAILS_BUCKET, at)).toString()));
  const { ETag, VersionId } = await s3.send(new HeadObjectCommand({ Bucket: UPLOADS_BUCKET, Key: source }));
  const { etag, versionId } = manifest.source;
  const isOfSource = etag === ETag && versionId === VersionId;
  const recorded = manifest.outcome === "made" ? manifest.outputs : [];
  const wrong = isOfSource && recorded.length === outputs.length ? [] : [at];
  for (const key of outputs) {
    const { ETag } = await s3.send(new HeadObjectCommand({ Bucket: THUMBNAILS_BUCKET, Key: key }));
    const isRecorded = recorded.some((output) => output.key === key && output.etag === ETag);
    const isOfColour = (await colourOf(await read(s3, THUMBNAILS_BUCKET, key))) === colour;
    if (!isRecorded || !isOfColour) wrong.push(key);
  }
  return wrong;
}

async function read(s3: S3Client, Bucket: string, Key: string): Promise<Uint8Array> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

async function list(client: S3Client, Bucket: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) {
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
  }
  return keys;
}
