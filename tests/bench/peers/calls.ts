// The calls to S3 that the function makes for a new photograph, and nothing else.
import type { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { createClient } from "@thumbsmith/functions";
import { parseEnvironment } from "@thumbsmith/shared";
import { answer, timed } from "./serve.ts";

const client = createClient();
const { UPLOADS_BUCKET: uploads, THUMBNAILS_BUCKET: thumbnails } = parseEnvironment(process.env);
/** Of a thumbnail and of its manifest. */
const [BYTES, MANIFEST_BYTES] = [8_000, 1_000];

await answer<{ key: string }>(async ({ key: Key }) => {
  const source = { Bucket: uploads, Key };
  const manifest = { Bucket: thumbnails, Key: `manifests/${Key}.json` };
  const put = (to: typeof source, bytes: number) =>
    client.send(new PutObjectCommand({ ...to, Body: Buffer.alloc(bytes), IfNoneMatch: "*" }));
  const { cpu, wall } = await timed(async () => {
    await client.send(new GetObjectCommand(manifest)).catch(() => {});
    const { Body } = await client.send(new GetObjectCommand(source));
    for await (const _ of Body as Readable);
    await put({ Bucket: thumbnails, Key }, BYTES);
    await put(manifest, MANIFEST_BYTES);
    await client.send(new HeadObjectCommand(source));
  });
  return { cpu, wall };
});
