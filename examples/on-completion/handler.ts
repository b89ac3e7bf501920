import { GetObjectCommand, NoSuchKey, S3Client } from "@aws-sdk/client-s3";
import { type Manifest, parse, parseManifest } from "@thumbsmith/shared";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as z from "zod/mini";

/** The part of EventBridge's "Object Created" that is used. The key is not URL-encoded, as it is in S3's notifications. */
const ObjectCreated = z.object({
  detail: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }),
});

/**
 * Your code. It may be called twice for one manifest, or for one that a newer upload has replaced since, so it must be
 * idempotent.
 */
export async function completed(manifest: Manifest): Promise<void> {
  const { source, outcome } = manifest;
  const result =
    outcome === "made" ? { outputs: manifest.outputs.map(({ key }) => key) } : { reason: manifest.reason };
  console.log(JSON.stringify({ source: source.key, outcome, ...result }));
}

/** Passes the manifest of each message to `act`. Only messages that fail come back. */
export async function handleCompletions(
  event: SQSEvent,
  s3: S3Client,
  act: (manifest: Manifest) => Promise<void>,
): Promise<SQSBatchResponse> {
  const failed = await Promise.all(
    event.Records.map(async ({ messageId, body }) => {
      try {
        const manifest = await readManifest(s3, body);
        if (manifest) await act(manifest);
        return [];
      } catch (error) {
        console.error(JSON.stringify({ messageId, error: String(error) }));
        return [{ itemIdentifier: messageId }];
      }
    }),
  );
  return { batchItemFailures: failed.flat() };
}

const client = new S3Client({});

export const handler = (event: SQSEvent) => handleCompletions(event, client, completed);

/** Reads the manifest as it is now. Undefined if it was deleted with its source. */
async function readManifest(s3: S3Client, body: string): Promise<Manifest | undefined> {
  const { detail } = parse(ObjectCreated, JSON.parse(body), "invalid-message", "The completion event");
  const { bucket, object } = detail;
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket.name, Key: object.key }));
    const manifest = parseManifest((await Body?.transformToString()) ?? "");
    if (!manifest) throw new Error(`Expected a manifest at ${object.key} that this release can read.`);
    return manifest;
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}
