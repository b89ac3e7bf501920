import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Answer, fails, holds, startStub } from "../../test/stub-s3.ts";
import { Conflict, createStore, type Store } from "./store.ts";

/** The SDK pauses between attempts for as long as chance says: here not at all. */
beforeEach(() => {
  vi.spyOn(Math, "random").mockReturnValue(0);
});

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

const head = (store: Store) => store.head("key");
const get = (store: Store) => store.get("key", 100);
const put = (store: Store) => store.put("key", Buffer.from("x"), "absent", { contentType: "image/png" });
const overwrite = (store: Store) =>
  store.put("key", Buffer.from("x"), { etag: '"e"' }, { contentType: "a/b" });
const remove = (store: Store) => store.remove("key", { etag: '"e"' });
const hang: Answer = () => {};
const reset: Answer = (request) => request.socket.destroy();
/** Sends half of what it promised, and then `end`s it. */
const half =
  (end: Answer): Answer =>
  (request, response) => {
    response.writeHead(200, { etag: '"e"', "content-length": 10 }).write("half");
    setTimeout(() => end(request, response), 20);
  };

describe("an error that S3 answers", () => {
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
  const calls = { get, put, overwrite, remove };
  const cases = failures.flatMap(([status, name, code]) =>
    Object.entries(calls).map(([title, call]) => ({ status, name, code, title, call })),
  );
  it.each(cases)("$status $name is the failure $code, when it is asked to $title", async (one) => {
    const { store } = await storeThat(fails(one.status, one.name));
    await expect(one.call(store)).rejects.toMatchObject({ code: one.code, kind: "failed" });
  });

  it.each([
    [403, "access-denied"],
    [503, "throttled"],
    [400, "storage"],
  ])("%i without a body, as HEAD has it, is the failure %s", async (status, code) => {
    const { store } = await storeThat(fails(status, ""));
    await expect(head(store)).rejects.toMatchObject({ code, kind: "failed" });
  });

  it("says which object it was, and keeps what the SDK threw", async () => {
    const { store } = await storeThat(fails(403, "AccessDenied"));
    await expect(get(store)).rejects.toMatchObject({
      message: "S3 answered AccessDenied (HTTP 403) at bucket/key: AccessDenied",
      cause: { name: "AccessDenied" },
    });
  });

  it.each<[string, (store: Store) => Promise<unknown>, number, string]>([
    ["another wrote first", put, 412, "PreconditionFailed"],
    ["another overwrote it first", overwrite, 412, "PreconditionFailed"],
    ["another is just writing it", overwrite, 409, "ConditionalRequestConflict"],
    ["another removed it first", overwrite, 404, "NoSuchKey"],
    ["what is to be removed was overwritten", remove, 412, "PreconditionFailed"],
  ])("is a conflict when %s", async (_, call, status, name) => {
    const { store, requests } = await storeThat(fails(status, name));
    await expect(call(store)).rejects.toBeInstanceOf(Conflict);
    expect(requests).toHaveLength(1);
  });

  it.each([
    ["an object that is not there", head],
    ["an object that is not there", get],
    ["the removal of what is gone already", remove],
  ])("is none for %s", async (_, call) => {
    const { store } = await storeThat(fails(404, "NoSuchKey"));
    expect(await call(store)).toBeUndefined();
  });
});

describe("a call to S3", () => {
  it.each([
    ["a new object", put, "if-none-match", "*"],
    ["an object in another's place", overwrite, "if-match", '"e"'],
    ["a removal", remove, "if-match", '"e"'],
  ])("puts a condition on %s", async (_, call, header, value) => {
    const { store, requests } = await storeThat(holds(""));
    await call(store);
    expect(requests[0]?.headers[header]).toBe(value);
  });

  it("leaves the bytes of a source that is too large where they are", async () => {
    const { store } = await storeThat(holds("x".repeat(101)));
    expect(await get(store)).toEqual({ etag: '"e"', bytes: 101, versionId: undefined });
  });

  it("fails when the connection is refused", async () => {
    const { store, stop } = await storeThat(hang);
    await stop();
    await expect(get(store)).rejects.toMatchObject({ code: "network", kind: "failed" });
  });

  it.each<[string, Answer, (store: Store) => Promise<unknown>]>([
    ["the connection is reset", reset, get],
    ["the connection is reset in the middle of the bytes", half(reset), get],
    ["no answer comes to a read, however often it is asked", hang, get],
  ])("fails when %s", async (_, answer, call) => {
    const { store } = await storeThat(answer);
    await expect(call(store)).rejects.toMatchObject({ code: "network", kind: "failed" });
  });
});

describe("a write that is not answered", () => {
  /** As time-outs go by, a hundred times as fast. */
  const hurry = () => {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    vi.spyOn(AbortSignal, "timeout").mockImplementation((milliseconds) => timeout(milliseconds / 100));
  };

  it.each([
    ["put", put],
    ["remove", remove],
  ])("is not sent again: the first %s may land after whatever is done next", async (_, call) => {
    hurry();
    const { store, requests } = await storeThat(hang);
    await expect(call(store)).rejects.toMatchObject({ code: "network", kind: "failed" });
    expect(requests).toHaveLength(1);
  });

  it("is sent again when S3 has refused it, since that one is over", async () => {
    let asked = 0;
    const { store, requests } = await storeThat((request, response) => {
      const answer = ++asked === 1 ? fails(503, "SlowDown") : holds("");
      answer(request, response);
    });
    expect(await put(store)).toBe('"e"');
    expect(requests).toHaveLength(2);
  });
});

describe("the time that is left", () => {
  it.each<[string, Answer, (store: Store) => Promise<unknown>]>([
    ["a read that is not answered", hang, get],
    ["a write that is not answered", hang, put],
    ["bytes that stop coming", half(hang), get],
    ["the SDK's pauses between its retries", fails(503, "SlowDown"), get],
  ])("ends %s", async (_, answer, call) => {
    vi.spyOn(Math, "random").mockReturnValue(0.99);
    const { store } = await storeThat(answer, AbortSignal.timeout(60));
    const begun = performance.now();
    await expect(call(store)).rejects.toMatchObject({ code: "out-of-time", kind: "failed" });
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  it("lets no call begin when it is over", async () => {
    const { store, requests } = await storeThat(holds(""), AbortSignal.abort());
    await expect(put(store)).rejects.toMatchObject({ code: "out-of-time" });
    expect(requests).toHaveLength(0);
  });
});
