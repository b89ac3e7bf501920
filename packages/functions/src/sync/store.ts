import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { type Code, decodeKey, isRejection, type RejectionCode, ThumbsmithError } from "@thumbsmith/shared";

/** What S3 tells of an object without its bytes. */
export interface Stored {
  etag: string;
  versionId?: string;
  bytes: number;
}

/** An object with its bytes, or with the reason why S3 keeps them. */
export interface Fetched extends Stored {
  body?: Uint8Array;
  /** It is archived, or encrypted with a key that only its uploader has. */
  refusal?: ThumbsmithError & { code: RejectionCode };
  /** The Content-Encoding that it was uploaded with. */
  encoding?: string;
}

/**
 * What an object is expected to be when a write reaches it: the one with this ETag, or none.
 * A write that finds otherwise throws {@link Conflict} and changes nothing.
 */
export type Expected = { etag: string } | "absent";

/** Somebody wrote the object since it was observed. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}

/** The objects of one bucket. A key that holds nothing answers `undefined`; every other trouble is thrown. */
export interface Store {
  head(key: string): Promise<Stored | undefined>;
  /** The object with its bytes, which stay where they are when there are more than `maxBytes`. */
  get(key: string, maxBytes: number): Promise<Fetched | undefined>;
  /** @returns the new object's ETag */
  put(key: string, body: Uint8Array, expected: Expected, headers: PutHeaders): Promise<string>;
  /** Deletes the object. One that is gone already is no conflict. */
  remove(key: string, expected: Exclude<Expected, "absent">): Promise<void>;
}

export interface PutHeaders {
  contentType: string;
  cacheControl?: string;
}

/** Milliseconds that one attempt at a call waits for its answer, and after which the SDK tries again. */
const PATIENCE = 15_000;
/**
 * Milliseconds for a write, all its attempts together. One that is not answered by then may land after whatever is done
 * next, so it is not tried again here: its message comes back later than it can land. Hence less than {@link PATIENCE}.
 */
const PATIENCE_TO_WRITE = 10_000;

/** How often the bytes of an object are asked for when they stop coming. */
const READS = 3;
/** Milliseconds, doubled each time, within which they are asked for again. */
const PAUSE = 100;

/** A client whose waits end: a connection that hangs is an error to retry, not an invocation's whole time. */
export function createClient(config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: PATIENCE, throwOnRequestTimeout: true },
    ...config,
  });
}

/**
 * A bucket as a {@link Store}.
 * @param signal ends every call, retries included, when the time for it is over
 * @param patience milliseconds without a byte after which an object is asked for again
 */
export function createStore(
  client: S3Client,
  bucket: string,
  signal: AbortSignal = new AbortController().signal,
  patience = PATIENCE,
): Store {
  const at = (key: string) => ({ Bucket: bucket, Key: key });
  const toRead = { abortSignal: signal };
  const toWrite = () => ({ abortSignal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_TO_WRITE)]) });
  const call = <T>(key: string, action: Promise<T>) =>
    action.catch((error: unknown) => {
      throw translate(error, `${bucket}/${key}`, signal);
    });

  const head = async (key: string) => {
    const found = await orAbsent(client.send(new HeadObjectCommand(at(key)), toRead));
    return found && stored(found);
  };
  const get = async (key: string, maxBytes: number): Promise<Fetched | undefined> => {
    const found = await orAbsent(client.send(new GetObjectCommand(at(key)), toRead));
    if (!found) return undefined;
    const facts = { ...stored(found), encoding: found.ContentEncoding };
    // In Node a body is a stream.
    const body = found.Body as Readable;
    if (facts.bytes <= maxBytes) return { ...facts, body: await readAll(body, facts.bytes, patience) };
    body.destroy();
    return facts;
  };
  /** The first key that begins with a key is that key itself. A listing tells of objects that HEAD does not. */
  const list = async (key: string) => {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: key,
      MaxKeys: 1,
      EncodingType: "url",
    });
    const [first] = (await client.send(command, toRead)).Contents ?? [];
    if (decodeKey(first?.Key ?? "") !== key) return undefined;
    return { etag: first?.ETag ?? "", bytes: first?.Size ?? 0 };
  };
  /** HEAD answers an error without a body: of an object that it cannot tell of, a listing does. */
  const describe = (key: string) =>
    head(key).catch((error: unknown) => {
      if (isBadRequest(error)) return list(key);
      throw error;
    });

  const store: Store = {
    async head(key) {
      try {
        return await head(key);
      } catch (error) {
        if (!isBadRequest(error)) throw translate(error, `${bucket}/${key}`, signal);
        // Only the answer to GET says why.
        const found = await store.get(key, 0);
        return found && { etag: found.etag, versionId: found.versionId, bytes: found.bytes };
      }
    },

    async get(key, maxBytes) {
      try {
        return await call(
          key,
          again(() => get(key, maxBytes), signal),
        );
      } catch (refusal) {
        if (!isRejection(refusal)) throw refusal;
        const found = await call(key, describe(key));
        return found && { ...found, refusal };
      }
    },

    async put(key, body, expected, { contentType, cacheControl }) {
      const command = new PutObjectCommand({
        ...at(key),
        Body: body,
        ContentType: contentType,
        CacheControl: cacheControl,
        ...(expected === "absent" ? { IfNoneMatch: "*" } : { IfMatch: expected.etag }),
      });
      const { ETag = "" } = await call(key, client.send(command, toWrite()));
      return ETag;
    },

    async remove(key, expected) {
      const command = new DeleteObjectCommand({ ...at(key), IfMatch: expected.etag });
      await call(key, orAbsent(client.send(command, toWrite())));
    },
  };
  return store;
}

/** The SDK asks again for an answer, not for the bytes that follow it. */
async function again<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let reads = 1; ; reads++) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Interrupted) || reads === READS || signal.aborted) throw error;
      await delay(Math.random() * PAUSE * 2 ** reads, undefined, { signal });
    }
  }
}

/** The bytes of an object stopped coming. */
class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Into one buffer of the size that S3 said: half the time and the memory of collecting the pieces first. */
async function readAll(body: Readable, bytes: number, patience: number): Promise<Uint8Array> {
  const whole = Buffer.allocUnsafeSlow(bytes);
  const stalled = setTimeout(() => body.destroy(new Error(`No byte came for ${patience} ms.`)), patience);
  let at = 0;
  try {
    for await (const piece of body) {
      at += piece.copy(whole, at);
      stalled.refresh();
    }
  } catch (cause) {
    throw new Interrupted(`Expected ${bytes} bytes, found ${at}.`, { cause });
  } finally {
    clearTimeout(stalled);
  }
  if (at === bytes) return whole;
  throw new Interrupted(`Expected ${bytes} bytes, found ${at}.`);
}

function isBadRequest(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 400;
}

function stored(found: { ETag?: string; VersionId?: string; ContentLength?: number }): Stored {
  return { etag: found.ETag ?? "", versionId: found.VersionId, bytes: found.ContentLength ?? 0 };
}

/** HEAD answers without a body, so there a missing bucket looks like a missing object. GET tells them apart. */
async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof S3ServiceException && /^(NoSuchKey|NotFound)$/.test(error.name)) return undefined;
    throw error;
  }
}

/** The one place that says what an error of S3 means for the job. */
function translate(error: unknown, object: string, signal: AbortSignal): Error {
  if (signal.aborted) {
    return new ThumbsmithError("out-of-time", `The time for ${object} was over.`, { cause: error });
  }
  if (!(error instanceof S3ServiceException)) {
    return new ThumbsmithError("network", `The connection to S3 failed at ${object}.`, { cause: error });
  }
  const status = error.$metadata.httpStatusCode;
  // A condition on an object that has gone since is a conflict too; a delete never comes here with one.
  if (status === 412 || status === 409 || (status === 404 && error.name === "NoSuchKey")) {
    return new Conflict(`${object} changed since it was observed.`, { cause: error });
  }
  const found = status ? `${error.name} (HTTP ${status})` : error.name;
  return new ThumbsmithError(codeOf(error, status), `S3 answered ${found} at ${object}: ${error.message}`, {
    cause: error,
  });
}

/** Names and statuses: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function codeOf({ name, message }: S3ServiceException, status = 0): Code {
  if (name === "InvalidObjectState") return "not-readable";
  // Of a request for a key without parameters only the message tells that it is the object's encryption (SSE-C).
  if (name === "InvalidRequest" && /server side encryption/i.test(message)) return "not-readable";
  if (name === "NoSuchBucket") return "bucket-missing";
  if (name.startsWith("KMS.")) return name === "KMS.ThrottlingException" ? "throttled" : "key-unusable";
  if (name === "SlowDown" || name.startsWith("Throttling") || status === 429 || status === 503)
    return "throttled";
  if (status === 403) return "access-denied";
  return "storage";
}
