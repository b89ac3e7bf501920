import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  PutBucketVersioningCommand,
  PutObjectCommand,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";

const endpoint = await connect();
const { s3 } = endpoint;
afterAll(() => endpoint.close());

let bucket = "";
let versioned = "";
const versions: string[] = [];

beforeAll(async () => {
  bucket = await endpoint.createBucket();
  for (const Key of ["b/2", "a", "b/1", "c/x/1", "c/x/2", "c/y", "d e", "\u{1F600}", "\uFF5E"]) {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Key }));
  }
  versioned = await endpoint.createBucket();
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
  for (const Key of ["a", "a", "b/1", "b/2"]) {
    versions.push(
      (await s3.send(new PutObjectCommand({ Bucket: versioned, Key, Body: "x" }))).VersionId ?? "",
    );
  }
  const deleted = await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key: "a" }));
  versions.push(deleted.VersionId ?? "");
});

async function list(options: Partial<ListObjectsV2CommandInput> = {}) {
  const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, ...options }));
  return {
    keys: (page.Contents ?? []).map(({ Key }) => Key),
    prefixes: (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
    truncated: page.IsTruncated,
    count: page.KeyCount,
    next: page.NextContinuationToken,
  };
}

behaves("keys are listed in the order of their UTF-8 bytes, with ETag and size", async () => {
  const expected = ["a", "b/1", "b/2", "c/x/1", "c/x/2", "c/y", "d e", "\uFF5E", "\u{1F600}"];
  expect(await list()).toMatchObject({ keys: expected, truncated: false, count: 9 });
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "a" }));
  expect(Contents).toMatchObject([{ Key: "a", ETag: '"0cc175b9c0f1b6a831c399e269772661"', Size: 1 }]);
});

const SELECTIONS: {
  title: string;
  options: Partial<ListObjectsV2CommandInput>;
  keys: string[];
  prefixes: string[];
}[] = [
  { title: "a prefix", options: { Prefix: "c/x/" }, keys: ["c/x/1", "c/x/2"], prefixes: [] },
  { title: "a prefix without keys", options: { Prefix: "z" }, keys: [], prefixes: [] },
  {
    title: "a delimiter",
    options: { Delimiter: "/" },
    keys: ["a", "d e", "\uFF5E", "\u{1F600}"],
    prefixes: ["b/", "c/"],
  },
  {
    title: "a prefix and a delimiter",
    options: { Prefix: "c/", Delimiter: "/" },
    keys: ["c/y"],
    prefixes: ["c/x/"],
  },
  {
    title: "a delimiter of several characters",
    options: { Prefix: "c", Delimiter: "x/" },
    keys: ["c/y"],
    prefixes: ["c/x/"],
  },
  { title: "a start", options: { StartAfter: "c/x/1", Prefix: "c" }, keys: ["c/x/2", "c/y"], prefixes: [] },
  {
    title: "a start that is not a key",
    options: { StartAfter: "c/x/0", Prefix: "c/x" },
    keys: ["c/x/1", "c/x/2"],
    prefixes: [],
  },
  {
    title: "form encoding",
    options: { Prefix: "d", EncodingType: "url" },
    keys: ["d+e"],
    prefixes: [],
  },
  { title: "no keys at all", options: { MaxKeys: 0 }, keys: [], prefixes: [] },
];

behaves.each(SELECTIONS)("a listing can ask for $title", async ({ options, keys, prefixes }) => {
  expect(await list(options)).toMatchObject({ keys, prefixes, truncated: false });
});

behaves("the pages of a listing are complete, and no longer than asked", async () => {
  const pages = paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket: bucket });
  const keys: (string | undefined)[][] = [];
  for await (const { Contents = [] } of pages) keys.push(Contents.map(({ Key }) => Key));
  expect(keys).toEqual([["a", "b/1"], ["b/2", "c/x/1"], ["c/x/2", "c/y"], ["d e", "\uFF5E"], ["\u{1F600}"]]);
});

behaves("common prefixes count towards a page, and are not repeated", async () => {
  const first = await list({ Delimiter: "/", MaxKeys: 2 });
  expect(first).toMatchObject({ keys: ["a"], prefixes: ["b/"], truncated: true, count: 2 });
  const second = await list({ Delimiter: "/", MaxKeys: 2, ContinuationToken: first.next });
  expect(second).toMatchObject({ keys: ["d e"], prefixes: ["c/"], truncated: true });
});

behaves("a continuation goes on where it was, even if keys were deleted meanwhile", async () => {
  const Bucket = await endpoint.createBucket();
  for (const Key of ["1", "2", "3"]) await s3.send(new PutObjectCommand({ Bucket, Key, Body: "" }));
  const { next } = await list({ Bucket, MaxKeys: 1 });
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "1" }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "2" }));
  expect((await list({ Bucket, ContinuationToken: next })).keys).toEqual(["3"]);
});

behaves("a continuation token that was made up is refused", async () => {
  expect(await refusal(list({ ContinuationToken: "%%%" }))).toEqual([400, "InvalidArgument"]);
});

behaves("a listing of a missing bucket is refused", async () => {
  expect(await refusal(list({ Bucket: "thumbsmith-no-such-bucket" }))).toEqual([404, "NoSuchBucket"]);
});

async function listVersions(options: Partial<ListObjectVersionsCommandInput> = {}) {
  const page = await s3.send(new ListObjectVersionsCommand({ Bucket: versioned, ...options }));
  const describe = ({ Key, VersionId, IsLatest }: { Key?: string; VersionId?: string; IsLatest?: boolean }) =>
    `${Key} ${versions.indexOf(VersionId ?? "")}${IsLatest ? " latest" : ""}`;
  return {
    versions: (page.Versions ?? []).map(describe),
    markers: (page.DeleteMarkers ?? []).map(describe),
    prefixes: (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
    next: { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker },
    truncated: page.IsTruncated,
  };
}

behaves("all versions are listed, newest first, and deleted keys are not in a plain listing", async () => {
  expect(await listVersions()).toMatchObject({
    versions: ["a 1", "a 0", "b/1 2 latest", "b/2 3 latest"],
    markers: ["a 4 latest"],
    truncated: false,
  });
  expect((await list({ Bucket: versioned })).keys).toEqual(["b/1", "b/2"]);
});

behaves("pages of versions may end between two versions of a key", async () => {
  const first = await listVersions({ MaxKeys: 2 });
  expect(first).toMatchObject({ versions: ["a 1"], markers: ["a 4 latest"], truncated: true });
  const second = await listVersions({ MaxKeys: 2, ...first.next });
  expect(second).toMatchObject({ versions: ["a 0", "b/1 2 latest"], markers: [], truncated: true });
  const third = await listVersions({ MaxKeys: 2, ...second.next });
  expect(third).toMatchObject({ versions: ["b/2 3 latest"], markers: [], truncated: false });
});

behaves("versions can be listed by prefix and delimiter", async () => {
  expect((await listVersions({ Prefix: "b/" })).versions).toEqual(["b/1 2 latest", "b/2 3 latest"]);
  const { versions: own, prefixes } = await listVersions({ Delimiter: "/" });
  expect({ own, prefixes }).toEqual({ own: ["a 1", "a 0"], prefixes: ["b/"] });
});
