import {
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { compareKeys, decodeKey } from "@thumbsmith/shared";
import { Semaphore } from "async-mutex";

/** An object as a listing describes it. */
export interface Listed {
  key: string;
  etag: string;
  bytes: number;
  modified: Date;
}

/** The objects under a prefix whose keys come after one key, up to another. */
export interface Range {
  prefix: string;
  after?: string;
  until?: string;
}

/** How many pages of the second bucket are listed for one page of the first, before the other keys are requested one by one. */
const MAX_PAGES = 4;
const REQUESTS_AT_ONCE = 16;

/** The objects of a range, in pages of up to a thousand. Keeps no earlier page in memory. */
export async function* pages(s3: S3Client, Bucket: string, range: Range): AsyncGenerator<Listed[]> {
  const { prefix: Prefix, until } = range;
  for (let StartAfter = range.after; ; ) {
    // XML cannot hold every character that a key can.
    const answer = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix, StartAfter, EncodingType: "url" }),
    );
    const page = (answer.Contents ?? []).map(({ Key = "", ETag = "", Size = 0, LastModified }) => ({
      key: decodeKey(Key),
      etag: ETag,
      bytes: Size,
      modified: LastModified ?? new Date(0),
    }));
    const within = until === undefined ? page : page.filter(({ key }) => compareKeys(key, until) <= 0);
    if (within.length > 0) yield within;
    StartAfter = page.at(-1)?.key;
    if (!answer.IsTruncated || within.length < page.length || StartAfter === undefined) return;
  }
}

/** The folders under a prefix, as far as they fit on one page, and whether the page holds only folders. */
export async function folders(s3: S3Client, Bucket: string, Prefix: string) {
  const command = new ListObjectsV2Command({ Bucket, Prefix, Delimiter: "/", EncodingType: "url" });
  const { CommonPrefixes = [], KeyCount } = await s3.send(command);
  const names = CommonPrefixes.flatMap(({ Prefix: name }) => (name === undefined ? [] : [decodeKey(name)]));
  return { names, onlyFolders: KeyCount === names.length };
}

/**
 * Which of the keys exist. Keys that are close together, like those of a page, are found by listing from the first to
 * the last: one request per thousand. Keys beyond a few pages, or elsewhere, are requested one by one.
 */
export async function find(
  s3: S3Client,
  Bucket: string,
  prefix: string,
  keys: string[],
): Promise<Map<string, Listed>> {
  const found = new Map<string, Listed>();
  const wanted = new Set(keys);
  const near = keys.filter((key) => key.startsWith(prefix)).sort(compareKeys);
  const [first, last] = [near[0], near.at(-1)];
  let reached = "";
  if (first !== undefined && last !== undefined) {
    let read = 0;
    reached = last;
    // The key without its last character sorts before it, with almost nothing between.
    for await (const page of pages(s3, Bucket, { prefix, after: first.slice(0, -1), until: last })) {
      for (const object of page) if (wanted.has(object.key)) found.set(object.key, object);
      if (++read < MAX_PAGES) continue;
      reached = page.at(-1)?.key ?? reached;
      break;
    }
  }
  const unseen = keys.filter((key) => !key.startsWith(prefix) || compareKeys(key, reached) > 0);
  const limit = new Semaphore(REQUESTS_AT_ONCE);
  const heads = await Promise.all(unseen.map((key) => limit.runExclusive(() => head(s3, Bucket, key))));
  for (const object of heads) if (object) found.set(object.key, object);
  return found;
}

async function head(s3: S3Client, Bucket: string, key: string): Promise<Listed | undefined> {
  try {
    const answer = await s3.send(new HeadObjectCommand({ Bucket, Key: key }));
    const { ETag: etag = "", ContentLength: bytes = 0, LastModified: modified = new Date(0) } = answer;
    return { key, etag, bytes, modified };
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
    throw error;
  }
}
