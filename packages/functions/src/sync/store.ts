import type { Readable } from "node:stream";
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
import { decodeKey, isRejection, type RejectionCode, type ThumbsmithError } from "@thumbsmith/shared";
import { again, readAll } from "./read-all.ts";
import { translate } from "./s3-errors.ts";

/** What S3 knows of an object, without its bytes. */
export interface Stored {
  etag: string;
  versionId?: string;
  bytes: number;
}

/** An object with its bytes, or with the reason why S3 does not return them. */
export interface Fetched extends Stored {
  body?: Uint8Array;
  /** Set if it is archived, or encrypted with a key that only its uploader has (SSE-C). */
  refusal?: ThumbsmithError & { code: RejectionCode };
  /** The Content-Encoding that it was uploaded with. */
  encoding?: string;
  /** Its `x-amz-meta-focus`: see `position` in the configuration. */
  focus?: string;
}

/**
 * The condition of a write: the object that it replaces has this ETag, or is absent. If the condition fails, the write
 * throws `Conflict` and changes nothing.
 */
export type Expected = { etag: string } | "absent";

/** The objects of one bucket. Reading a missing object returns `undefined`; all other problems are thrown. */
export interface Store {
  head(key: string): Promise<Stored | undefined>;
  /** Reads the object with its bytes. If there are more than `maxBytes`, it has no `body`. */
  get(key: string, maxBytes: number): Promise<Fetched | undefined>;
  /** @returns the new object's ETag */
  put(key: string, body: Uint8Array, expected: Expected, headers: PutHeaders): Promise<string>;
  /** Deletes the object. If it is already deleted, that is not a conflict. */
  remove(key: string, expected: Exclude<Expected, "absent">): Promise<void>;
}

export interface PutHeaders {
  contentType: string;
  cacheControl?: string;
}

/** How long one attempt at a call waits for its answer before the SDK retries it. */
const REQUEST_TIMEOUT_MS = 15_000;
/**
 * The same for all attempts at a write together. A write that is not answered may still land after what is done next, so it
 * must not be retried here: its message comes back later than it can land. So this is less than {@link REQUEST_TIMEOUT_MS},
 * after which the SDK would retry.
 */
const WRITE_TIMEOUT_MS = 10_000;

/**
 * A client with timeouts: without them, a connection that hangs would use up the time of the invocation.
 *
 * Reads are not checked against S3's checksum. S3 gives every object a CRC-64/NVME, which takes the SDK 12 ms of CPU for
 * 5 MB, more than half of what making a 12-megapixel photograph's thumbnail takes. TLS already checks the bytes in transit,
 * `readAll` their number, and the decoder their meaning.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function createClient(config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    maxAttempts: 3,
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
    ...config,
  });
}

/**
 * A bucket as a {@link Store}.
 * @param signal aborts every call, including its retries, when the time is over
 * @param idleMs milliseconds without a byte after which an object is read again
 */
export function createStore(
  client: S3Client,
  bucket: string,
  signal: AbortSignal = new AbortController().signal,
  idleMs = REQUEST_TIMEOUT_MS,
): Store {
  const at = (key: string) => ({ Bucket: bucket, Key: key });
  const toRead = { abortSignal: signal };
  const toWrite = () => ({ abortSignal: AbortSignal.any([signal, AbortSignal.timeout(WRITE_TIMEOUT_MS)]) });
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
    const facts = { ...stored(found), encoding: found.ContentEncoding, focus: found.Metadata?.focus };
    // In Node, the body is a stream.
    const body = found.Body as Readable;
    if (facts.bytes <= maxBytes) return { ...facts, body: await readAll(body, facts.bytes, idleMs) };
    body.destroy();
    return facts;
  };
  /** Finds an object by a listing, which has objects that HEAD refuses. The first key with the prefix is the key itself. */
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
  /** HEAD refuses an object under the uploader's key with 400. A listing has its ETag and size. */
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
        // Only GET's answer has a body that says why.
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

function isBadRequest(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 400;
}

function stored(found: { ETag?: string; VersionId?: string; ContentLength?: number }): Stored {
  return { etag: found.ETag ?? "", versionId: found.VersionId, bytes: found.ContentLength ?? 0 };
}

/** Undefined for a missing object. HEAD's answer has no body, so it cannot tell a missing bucket; GET does. */
async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof S3ServiceException && /^(NoSuchKey|NotFound)$/.test(error.name)) return undefined;
    throw error;
  }
}
