import { randomUUID } from "node:crypto";
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { type Manifest, manifestKey, parseManifest } from "@thumbsmith/shared";
import { Resource } from "sst";

/** Seconds within which a browser has to begin its upload. */
const EXPIRES = 300;
/** The largest upload. Thumbsmith itself rejects anything larger than `limits.bytes`. */
const MAX_BYTES = 20_000_000;

const suffixes: Record<string, string> = { "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp" };

/** A file that a browser wants to upload, as it describes it. */
export interface UploadRequest {
  type: string;
  bytes: number;
}

/**
 * The object key of a new upload. The server chooses it, so that no user can overwrite another's image. It ends in a suffix
 * that a rule accepts.
 * @throws Error if the type is not accepted
 */
export function newKey(user: string, type: string): string {
  const suffix = suffixes[type];
  if (!suffix) throw new Error(`Expected one of ${Object.keys(suffixes).join(", ")}, found ${type}.`);
  return `uploads/${user}/${randomUUID()}${suffix}`;
}

/** A URL to which a browser can PUT one object, of exactly this type and length. */
export function signPut(
  s3: S3Client,
  Bucket: string,
  Key: string,
  { type, bytes }: UploadRequest,
): Promise<string> {
  if (bytes > MAX_BYTES) throw new Error(`Expected at most ${MAX_BYTES} bytes, found ${bytes}.`);
  const command = new PutObjectCommand({ Bucket, Key, ContentType: type, ContentLength: bytes });
  const signableHeaders = new Set(["host", "content-type", "content-length"]);
  return getSignedUrl(s3, command, { expiresIn: EXPIRES, signableHeaders });
}

/** A URL and form fields with which a browser can POST one object of this type and of at most `MAX_BYTES`. */
export function signPost(s3: S3Client, Bucket: string, Key: string, { type }: Pick<UploadRequest, "type">) {
  return createPresignedPost(s3, {
    Bucket,
    Key,
    Expires: EXPIRES,
    Fields: { "Content-Type": type },
    Conditions: [["content-length-range", 1, MAX_BYTES]],
  });
}

/** The result of an upload: nothing yet, its thumbnails, or why there are none. */
export async function resultOf(s3: S3Client, Bucket: string, key: string): Promise<Manifest | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: manifestKey(key) }));
    return parseManifest((await Body?.transformToString()) ?? "");
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

/** A URL of a thumbnail for one viewer. With `CDN`, use the distribution's URL and the key. */
export function signGet(s3: S3Client, Bucket: string, Key: string): Promise<string> {
  return getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: EXPIRES });
}

/** SST writes these types to sst-env.d.ts when it deploys. */
interface Links {
  ThumbsmithUploads: { bucket: string };
  ThumbsmithThumbnails: { bucket: string };
}

// By default, the SDK signs the checksum of an empty body, and S3 then refuses the real one.
const client = new S3Client({ requestChecksumCalculation: "WHEN_REQUIRED" });

/** For your server, once it knows that the caller is `user`. */
export async function handler({ user, ...request }: UploadRequest & { user: string }) {
  const { ThumbsmithUploads } = Resource as unknown as Links;
  const key = newKey(user, request.type);
  return { key, url: await signPut(client, ThumbsmithUploads.bucket, key, request) };
}
