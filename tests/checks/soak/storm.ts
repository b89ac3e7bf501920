import { setTimeout as delay } from "node:timers/promises";
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type Audit, audit } from "./audit.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { buckets } from "./config.ts";
import { startHandlers } from "./handlers.ts";
import { colours, pictureOf } from "./pictures.ts";

const Bucket = buckets.UPLOADS_BUCKET;
/** The number of users who upload and delete at once. */
const USERS = 4;
/** Average milliseconds between two actions of a user, and between two kills. */
const PAUSE_MS = 50;
const LIFE = 2_500;
/** Milliseconds for which all users change mostly the same key. */
const SAME_KEY_MS = 400;

export interface Storm {
  directory: string;
  seconds: number;
  handlers: number;
  /** Seconds until a message that was not acknowledged comes back. */
  visibility: number;
}

export interface Aftermath extends Audit {
  actions: number;
  kills: number;
  ends: Record<string, number>;
}

/**
 * Uploads, deletes and restores at random while handlers are killed at random. Then waits until the queue is empty, and
 * checks both buckets.
 */
export async function storm({ directory, seconds, handlers: count, visibility }: Storm): Promise<Aftermath> {
  const cloud = await startCloud(directory, visibility);
  const handlers = await startHandlers(cloud, count);
  try {
    const end = Date.now() + seconds * 1_000;
    const [kills = 0, ...actions] = await Promise.all([
      repeat(end, LIFE, async () => handlers.kill(Math.random())),
      ...Array.from({ length: USERS }, () => repeat(end, PAUSE_MS, () => doSomething(cloud))),
    ]);
    while ((await cloud.waiting()) > 0) await delay(100);
    return {
      ...(await audit(cloud.s3)),
      actions: sum(actions),
      kills,
      ends: Object.fromEntries(handlers.ends),
    };
  } finally {
    await handlers.stop();
    await cloud.stop();
  }
}

/** @returns how often it did something */
async function repeat(end: number, pause: number, action: () => Promise<boolean>): Promise<number> {
  let done = 0;
  while (Date.now() < end) {
    if (await action()) done++;
    await delay(Math.random() * 2 * pause);
  }
  return done;
}

async function doSomething({ s3, reconcile }: Cloud): Promise<boolean> {
  // For a moment, all users change the same key, so that changes and jobs of it overlap; later they rarely do.
  const nth = Math.floor(Date.now() / SAME_KEY_MS) - Math.floor(Math.random() ** 4 * 20);
  const Key = `uploads/${nth}.png`;
  const chance = Math.random();
  if (chance < 0.1) await reconcile(Key);
  else if (chance < 0.35) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  else if (chance < 0.45) await purge({ s3 }, Key);
  else await s3.send(new PutObjectCommand({ Bucket, Key, Body: await content() }));
  return true;
}

/** Deletes the latest version permanently, which brings back the one before it. */
async function purge({ s3 }: Pick<Cloud, "s3">, Key: string): Promise<void> {
  const found = await s3.send(new HeadObjectCommand({ Bucket, Key })).catch(versionOfMarker);
  if (found?.VersionId) await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: found.VersionId }));
}

/** S3 answers "not found" for a delete marker, with its version in a header. */
function versionOfMarker(error: unknown): { VersionId?: string } | undefined {
  const { $response } = error as { $response?: { headers: Record<string, string> } };
  return { VersionId: $response?.headers["x-amz-version-id"] };
}

async function content(): Promise<Buffer> {
  if (Math.random() < 0.1) return Buffer.from("not an image");
  const colour = colours[Math.floor(Math.random() * colours.length)] ?? colours[0];
  return pictureOf(colour, Math.floor(Math.random() * 2));
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
