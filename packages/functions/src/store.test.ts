import { ThumbsmithError } from "@thumbsmith/shared";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, fails, holds, startStub } from "../test/stub-s3.ts";
import { Conflict, createStore, type Store } from "./store.ts";

const stubs: Awaited<ReturnType<typeof startStub>>[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(stubs.splice(0).map((stub) => stub.stop()));
});

async function storeThat(answer: Answer, signal?: AbortSignal) {
  const stub = await startStub(answer);
  stubs.push(stub);
  return { ...stub, store: createStore(stub.client, "bucket", signal) };
}

const calls: [name: string, (store: Store) => Promise<unknown>][] = [
  ["head", (store) => store.head("key")],
  ["get", (store) => store.get("key", 100)],
  ["put", (store) => store.put("key", Buffer.from("x"), "absent", { contentType: "image/png" })],
  ["remove", (store) => store.remove("key", { etag: '"e"' })],
];
const [head, get, put, remove] = calls.map(([, call]) => call) as [
  ...(typeof calls)[number][1][],
] as ((store: Store) => Promise<unknown>)[];
const hangs: Answer = () => {};

describe("an error of S3", () => {
  const failures: [status: number, name: string, code: string][] = [
    [403, "AccessDenied", "access-denied"],
    [404, "NoSuchBucket", "bucket-missing"],
    [400, "KMS.DisabledException", "key-unusable"],
    [400, "KMS.KMSInvalidStateException", "key-unusable"],
    [400, "KMS.NotFoundException", "key-unusable"],
    [400, "KMS.ThrottlingException", "throttled"],
    [503, "SlowDown", "throttled"],
    [503, "ServiceUnavailable", "throttled"],
    [500, "InternalError", "storage"],
    [400, "InvalidRequest", "storage"],
  ];
  it.each(failures)("%i %s is the failure %s, to a read and to a write", async (status, name, code) => {
  });
});
