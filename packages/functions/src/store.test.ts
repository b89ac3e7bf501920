import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { ThumbsmithError } from "@thumbsmith/shared";
import { afterEach, describe, expect, it } from "vitest";
import { Conflict, createClient, createStore, type Store } from "./store.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A store whose S3 gives one answer to everything. */
async function storeOf(answer: Answer, signal?: AbortSignal): Promise<Store> {
  const listening = createServer((request, response) =>
    request.resume().on("end", () => answer(request, response)),
  );
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = listening.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const client = createClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 2,
  });
  return createStore(client, "bucket", signal);
}

/** An error as S3 words it. A HEAD has no body to word it in. */
function s3Error(status: number, code: string): Answer {
  return (request, response) => {
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(
      request.method === "HEAD"
        ? undefined
        : `<Error><Code>${code}</Code><Message>Because.</Message></Error>`,
    );
  };
}

const put = (store: Store) => store.put("a.jpg", Buffer.from("x"), "absent", { contentType: "image/jpeg" });
const hang: Answer = () => {};
const reset: Answer = (request) => request.socket.destroy();
const half: Answer = (request, response) => {
  response.writeHead(200, { "content-length": 1_000, etag: '"e"' });
  response.write("half of it", () => request.socket.destroy());
};

describe("a store", () => {
  it.each<[string, Answer, string]>([
    ["AccessDenied", s3Error(403, "AccessDenied"), "access-denied"],
    ["NoSuchBucket", s3Error(404, "NoSuchBucket"), "bucket-missing"],
    ["KMS.DisabledException", s3Error(400, "KMS.DisabledException"), "key-unusable"],
    ["KMS.NotFoundException", s3Error(400, "KMS.NotFoundException"), "key-unusable"],
    ["KMS.ThrottlingException", s3Error(400, "KMS.ThrottlingException"), "throttled"],
    ["SlowDown", s3Error(503, "SlowDown"), "throttled"],
    ["InternalError", s3Error(500, "InternalError"), "storage"],
    ["a broken connection", reset, "network"],
    ["half an object", half, "network"],
  ])("takes %s for a failure that the queue retries", async (_, answer, code) => {
    const store = await storeOf(answer);
    await expect(store.get("a.jpg", 1_000_000)).rejects.toMatchObject({ kind: "failed", code });
  });

  it("tells the operator what S3 said, and of which object", async () => {
    const store = await storeOf(s3Error(403, "AccessDenied"));
    await expect(put(store)).rejects.toThrow("S3 answered AccessDenied (HTTP 403) at bucket/a.jpg: Because.");
  });

  it("answers nothing for an object that is not there", async () => {
    const store = await storeOf(s3Error(404, "NoSuchKey"));
    expect(await store.get("a.jpg", 1)).toBeUndefined();
    expect(await store.head("a.jpg")).toBeUndefined();
    await expect(store.remove("a.jpg", { etag: '"e"' })).resolves.toBeUndefined();
  });

  it.each([
    ["412, the object is another", s3Error(412, "PreconditionFailed")],
    ["409, somebody else is writing", s3Error(409, "ConditionalRequestConflict")],
    ["404, the object to replace is gone", s3Error(404, "NoSuchKey")],
  ])("takes %s for a conflict", async (_, answer) => {
    await expect(put(await storeOf(answer))).rejects.toBeInstanceOf(Conflict);
  });

  it.each([
    ["absent", undefined, "*"],
    [{ etag: '"e1"' }, '"e1"', undefined],
  ] as const)(
    "puts an object that is expected to be %o on that condition",
    async (expected, ifMatch, ifNoneMatch) => {
      let headers: IncomingMessage["headers"] = {};
      const store = await storeOf((request, response) => {
        headers = request.headers;
        response.writeHead(200, { etag: '"e2"' }).end();
      });
      expect(await store.put("a.jpg", Buffer.from("x"), expected, { contentType: "image/jpeg" })).toBe(
        '"e2"',
      );
      expect([headers["if-match"], headers["if-none-match"]]).toEqual([ifMatch, ifNoneMatch]);
    },
  );

  it("leaves the bytes of an object that is too large where they are", async () => {
    const store = await storeOf((_, response) => {
      response.writeHead(200, { "content-length": 5_000_000_000, etag: '"e"' });
      response.write(Buffer.alloc(1_000));
    });
    expect(await store.get("a.jpg", 1_000)).toEqual({
      etag: '"e"',
      versionId: undefined,
      bytes: 5_000_000_000,
    });
  });

  it("ends its calls, and their retries, with the time for them", async () => {
    const store = await storeOf(hang, AbortSignal.timeout(200));
    const error = await store.get("a.jpg", 1).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ThumbsmithError);
    expect(error).toMatchObject({ kind: "failed", code: "out-of-time" });
  });
});
