import { randomUUID } from "node:crypto";
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { type Manifest, manifestKey, parseManifest } from "@thumbsmith/shared";
import { Resource } from "sst";

/** Seconds in which a browser has to begin its upload. */
const EXPIRES = 300;
/** Of one upload. Thumbsmith itself rejects what is larger than `limits.bytes`. */
const MAX_BYTES = 20_000_000;

const suffixes: Record<string, string> = { "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp" };

/** A file that a browser wants to upload, as it describes it. */
export interface Wish {
  type: string;
  bytes: number;
}

/**
 * The object key of a new upload. It is the server's choice, so that no user can overwrite another's picture, and ends in a
 * suffix that a rule accepts.
 * @throws Error when the type is not one of ours
 */
export function newKey(user: string, type: string): string {
  const suffix = suffixes[type];
  if (!suffix) throw new Error(`Expected one of ${Object.keys(suffixes).join(", ")}, found ${type}.`);
  return `uploads/${user}/${randomUUID()}${suffix}`;
}

/** An address that takes one object of exactly this type and length, by PUT. */
export function signPut(s3: S3Client, Bucket: string, Key: string, { type, bytes }: Wish): Promise<string> {
  if (bytes > MAX_BYTES) throw new Error(`Expected at most ${MAX_BYTES} bytes, found ${bytes}.`);
  const command = new PutObjectCommand({ Bucket, Key, ContentType: type, ContentLength: bytes });
  const signableHeaders = new Set(["host", "content-type", "content-length"]);
  return getSignedUrl(s3, command, { expiresIn: EXPIRES, signableHeaders });
}

/** An address and fields that take one object of this type and of up to `MAX_BYTES`, by the POST of a form. */
export function signPost(s3: S3Client, Bucket: string, Key: string, { type }: Pick<Wish, "type">) {
  return createPresignedPost(s3, {
    Bucket,
    Key,
    Expires: EXPIRES,
    Fields: { "Content-Type": type },
    Conditions: [["content-length-range", 1, MAX_BYTES]],
  });
}

/** What has become of an upload: nothing yet, its thumbnails, or why there are none. */
export async function resultOf(s3: S3Client, Bucket: string, key: string): Promise<Manifest | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: manifestKey(key) }));
    return parseManifest((await Body?.transformToString()) ?? "");
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

/** An address of a thumbnail for one viewer. With `CDN`, the distribution's address and the key do. */
export function signGet(s3: S3Client, Bucket: string, Key: string): Promise<string> {
  return getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: EXPIRES });
}

/** SST writes these types to sst-env.d.ts when it deploys. */
interface Links {
  ThumbsmithUploads: { bucket: string };
  ThumbsmithThumbnails: { bucket: string };
}

// By default the SDK signs the checksum of a body that it does not have yet, and S3 refuses the body that comes.
const client = new S3Client({ requestChecksumCalculation: "WHEN_REQUIRED" });

/** Your server's: whoever calls it has logged in as `user`. */
export async function handler({ user, ...wish }: Wish & { user: string }) {
  const { ThumbsmithUploads } = Resource as unknown as Links;
  const key = newKey(user, wish.type);
  return { key, url: await signPut(client, ThumbsmithUploads.bucket, key, wish) };
}
