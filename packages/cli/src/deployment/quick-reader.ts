import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { createStore, readAll, type Store } from "@thumbsmith/functions";

export type Reader = Pick<Store, "get">;

/** After this long without a byte, the SDK takes over. */
const IDLE_MS = 15_000;
const ANY_KEY = "key";

/**
 * Reads small objects of a bucket in a third of the SDK's CPU time: with its signer and its connections, but without its
 * middleware, which runs only once, to build the request that all others copy. If the answer is not a whole object, the
 * SDK sends the request again, with its own retries and errors.
 */
export async function createQuickReader(s3: S3Client, bucket: string): Promise<Reader> {
  const store = createStore(s3, bucket);
  const { method, protocol, hostname, port, path, query, headers } = await requestOf(s3, bucket);
  const copied = { method, protocol, hostname, port, query, headers: { host: headers.host ?? hostname } };
  const folder = path.slice(0, -ANY_KEY.length);
  const signer = await s3.config.signer();

  async function get(key: string, maxBytes: number) {
    const signed = await signer.sign({ ...copied, path: folder + encode(key) });
    const { response } = await s3.config.requestHandler.handle(signed);
    const { etag, "content-length": length } = response.headers;
    const bytes = Number(length);
    if (response.statusCode === 200 && bytes <= maxBytes)
      return { etag, bytes, body: await readAll(response.body, bytes, IDLE_MS) };
    response.body.destroy();
    return undefined;
  }
  return {
    get: async (key, maxBytes) => (await get(key, maxBytes).catch(() => {})) ?? store.get(key, maxBytes),
  };
}

/** What the SDK would sign and send to read from the bucket. */
function requestOf(s3: S3Client, Bucket: string): Promise<HttpRequest> {
  const command = new GetObjectCommand({ Bucket, Key: ANY_KEY });
  return new Promise((resolve, reject) => {
    command.middlewareStack.add(
      () => async (args) => {
        resolve(args.request as HttpRequest);
        return { response: undefined, output: { $metadata: {} } };
      },
      { step: "build", priority: "low" },
    );
    s3.send(command).catch(reject);
  });
}

type HttpRequest = Parameters<Awaited<ReturnType<S3Client["config"]["signer"]>>["sign"]>[0];

/** Encodes a key for a signed path: only RFC 3986's unreserved characters stay. */
function encode(key: string): string {
  return encodeURIComponent(key)
    .replaceAll("%2F", "/")
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
