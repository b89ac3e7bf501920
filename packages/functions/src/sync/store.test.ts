import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Answer, fails, holds, startStub } from "../../test/stub-s3.ts";
import { Conflict } from "./s3-errors.ts";
import { createStore, type Store } from "./store.ts";

/** Removes the SDK's random pauses between attempts. */
beforeEach(() => {
  vi.spyOn(Math, "random").mockReturnValue(0);
});

const stubs: Awaited<ReturnType<typeof startStub>>[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(stubs.splice(0).map((stub) => stub.stop()));
});

async function storeThat(answer: Answer, signal?: AbortSignal, patience?: number) {
  const stub = await startStub(answer);
  stubs.push(stub);
  return { ...stub, store: createStore(stub.client, "bucket", signal, patience) };
}

/** Answers each request with the next of these, and further ones with the last. */
function inTurn(...answers: Answer[]): Answer {
  let asked = 0;
  return (request, response) => answers[Math.min(asked++, answers.length - 1)]?.(request, response);
}

const head = (store: Store) => store.head("key");
const get = (store: Store) => store.get("key", 100);
const put = (store: Store) => store.put("key", Buffer.from("x"), "absent", { contentType: "image/png" });
const overwrite = (store: Store) =>
  store.put("key", Buffer.from("x"), { etag: '"e"' }, { contentType: "a/b" });
const remove = (store: Store) => store.remove("key", { etag: '"e"' });
const hang: Answer = () => {};
const reset: Answer = (request) => request.socket.destroy();
/** Sends half of the announced bytes, then calls `end`. */
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
  it.each(cases)("$status $name is the failure $code when the call is to $title", async (one) => {
    const { store } = await storeThat(fails(one.status, one.name));
    await expect(one.call(store)).rejects.toMatchObject({ code: one.code, kind: "failed" });
  });

  it.each([
    [403, "access-denied"],
    [503, "throttled"],
    [400, "storage"],
  ])("%i without a body, as for HEAD, is the failure %s", async (status, code) => {
    const { store } = await storeThat(fails(status, ""));
    await expect(head(store)).rejects.toMatchObject({ code, kind: "failed" });
  });

  it("names the object, and has the SDK's error as its cause", async () => {
    const { store } = await storeThat(fails(403, "AccessDenied"));
    await expect(get(store)).rejects.toMatchObject({
      message: "S3 answered AccessDenied (HTTP 403) on bucket/key: AccessDenied",
      cause: { name: "AccessDenied" },
    });
  });

  it.each<[string, (store: Store) => Promise<unknown>, number, string]>([
    ["another handler wrote first", put, 412, "PreconditionFailed"],
    ["another handler overwrote it first", overwrite, 412, "PreconditionFailed"],
    ["another handler is writing it", overwrite, 409, "ConditionalRequestConflict"],
    ["another handler removed it first", overwrite, 404, "NoSuchKey"],
    ["the object to remove was overwritten", remove, 412, "PreconditionFailed"],
  ])("is a conflict when %s", async (_, call, status, name) => {
    const { store, requests } = await storeThat(fails(status, name));
    await expect(call(store)).rejects.toBeInstanceOf(Conflict);
    expect(requests).toHaveLength(1);
  });

  it.each([
    ["a HEAD of a missing object", head],
    ["a GET of a missing object", get],
    ["a removal of a missing object", remove],
  ])("is not thrown for %s", async (_, call) => {
    const { store } = await storeThat(fails(404, "NoSuchKey"));
    expect(await call(store)).toBeUndefined();
  });
});

describe("a call to S3", () => {
  it.each([
    ["a new object", put, "if-none-match", "*"],
    ["an overwrite", overwrite, "if-match", '"e"'],
    ["a removal", remove, "if-match", '"e"'],
  ])("puts a condition on %s", async (_, call, header, value) => {
    const { store, requests } = await storeThat(holds(""));
    await call(store);
    expect(requests[0]?.headers[header]).toBe(value);
  });

  it("does not read the bytes of a source that is too large", async () => {
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
    ["a read is never answered", hang, get],
  ])("fails when %s", async (_, answer, call) => {
    const { store } = await storeThat(answer);
    await expect(call(store)).rejects.toMatchObject({ code: "network", kind: "failed" });
  });
});

describe("a body that stops coming", () => {
  const whole = holds("0123456789");

  it.each<[string, Answer]>([
    ["is reset", half(reset)],
    ["stalls", half(hang)],
    ["is reset, and stalls the second time", inTurn(half(reset), half(hang), whole)],
  ])("is read again when it %s", async (_, broken) => {
    const { store, requests } = await storeThat(inTurn(broken, whole), undefined, 100);
    const found = await get(store);
    expect(Buffer.from(found?.body ?? "").toString()).toBe("0123456789");
    expect(requests.map(({ method }) => method)).toEqual(["GET", "GET"]);
  });

  it("is that of the new object, if it was overwritten before it is read again", async () => {
    const next = holds("abc", { etag: '"next"' });
    const { store } = await storeThat(inTurn(half(reset), next));
    expect(await get(store)).toMatchObject({ etag: '"next"', bytes: 3, body: Buffer.from("abc") });
  });

  it.each<[string, Answer]>([
    ["is reset", half(reset)],
    ["stalls", half(hang)],
  ])("fails when it %s three times", async (_, broken) => {
    const { store, requests } = await storeThat(broken, undefined, 100);
    await expect(get(store)).rejects.toMatchObject({ code: "network", kind: "failed" });
    expect(requests).toHaveLength(3);
  });

  it("is not read again when the time is over", async () => {
    const time = new AbortController();
    const { store, requests } = await storeThat(
      half(() => time.abort()),
      time.signal,
      5_000,
    );
    await expect(get(store)).rejects.toMatchObject({ code: "out-of-time", kind: "failed" });
    expect(requests).toHaveLength(1);
  });
});

describe("an object that S3 does not return", () => {
  /** S3's messages for GET of each, literally. */
  const archived = "The operation is not valid for the object's storage class";
  const encrypted =
    "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.";
  const listing = (key: string) =>
    `<ListBucketResult><Contents><Key>${key}</Key><ETag>&quot;listed&quot;</ETag><Size>12</Size></Contents></ListBucketResult>`;
  const isList = (url = "") => url.includes("list-type=2");

  /** HEAD answers for an archived object. For one that is encrypted with SSE-C, only a listing does. */
  const archive: Answer = (request, response) =>
    (request.method === "HEAD"
      ? holds("0123456789", { "x-amz-version-id": "v1" })
      : fails(403, "InvalidObjectState", archived))(request, response);
  const sseC =
    (listed = "key"): Answer =>
    (request, response) => {
      if (!isList(request.url)) return fails(400, "InvalidRequest", encrypted)(request, response);
      response.writeHead(200, { "content-type": "application/xml" }).end(listing(listed));
    };

  it.each<[string, Answer, object]>([
    ["it is archived", archive, { etag: '"e"', versionId: "v1", bytes: 10 }],
    ["it is encrypted with its uploader's key", sseC(), { etag: '"listed"', bytes: 12 }],
  ])("has a reason from GET, and none from HEAD, when %s", async (_, answer, facts) => {
    const { store } = await storeThat(answer);
    const found = await get(store);
    expect(found).toMatchObject({ ...facts, refusal: { code: "not-readable", kind: "rejected" } });
    expect(found?.body).toBeUndefined();
    expect(await head(store)).toEqual({ versionId: undefined, ...facts });
  });

  it("has S3's message as its reason", async () => {
    const { store } = await storeThat(archive);
    expect((await get(store))?.refusal?.message).toBe(
      `S3 answered InvalidObjectState (HTTP 403) on bucket/key: ${archived}`,
    );
  });

  it("is undefined if it is deleted meanwhile", async () => {
    const { store } = await storeThat(sseC("key-of-another"));
    expect(await get(store)).toBeUndefined();
    expect(await head(store)).toBeUndefined();
  });
});

describe("a write that is not answered", () => {
  /** Makes timeouts a hundred times as fast. */
  const hurry = () => {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    vi.spyOn(AbortSignal, "timeout").mockImplementation((milliseconds) => timeout(milliseconds / 100));
  };

  it.each([
    ["put", put],
    ["remove", remove],
  ])("is not sent again, because the first %s may land after what is done next", async (_, call) => {
    hurry();
    const { store, requests } = await storeThat(hang);
    await expect(call(store)).rejects.toMatchObject({ code: "network", kind: "failed" });
    expect(requests).toHaveLength(1);
  });

  it("is sent again if S3 has refused it, since it can no longer land", async () => {
    let asked = 0;
    const { store, requests } = await storeThat((request, response) => {
      const answer = ++asked === 1 ? fails(503, "SlowDown") : holds("");
      answer(request, response);
    });
    expect(await put(store)).toBe('"e"');
    expect(requests).toHaveLength(2);
  });
});

describe("the end of the time", () => {
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

  it("prevents further calls", async () => {
    const { store, requests } = await storeThat(holds(""), AbortSignal.abort());
    await expect(put(store)).rejects.toMatchObject({ code: "out-of-time" });
    expect(requests).toHaveLength(0);
  });
});
