import { createHash, createHmac } from "node:crypto";
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, expect } from "vitest";
import { behaves } from "./behaviour.ts";
import { connect } from "./endpoint.ts";
import { refusal } from "./errors.ts";
import { type RawRequest, send, sign } from "./raw.ts";

const endpoint = await connect();
const { s3 } = endpoint;
afterAll(() => endpoint.close());

// Checksums of "hello".
const CHECKSUMS = [
  { title: "CRC32", value: "NhCmhg==" },
  { title: "CRC32C", value: "mnG7TA==" },
  { title: "CRC64NVME", value: "M3eFcAZSQlc=" },
  { title: "SHA1", value: "qvTGHdzF6KLavt4PO0gs2a6pQ00=" },
  { title: "SHA256", value: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=" },
] as const;
const MD5 = "XUFAKrxLKna5cZ2REBfFkg==";

const read = async (Bucket: string, Key: string) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

async function put(bucket: string, body: string | Buffer, headers: Record<string, string>) {
  const length = { "content-length": String(Buffer.byteLength(body)) };
  const request: RawRequest = {
    method: "PUT",
    path: `/${bucket}/a`,
    body,
    headers: { ...length, ...headers },
  };
  return send(endpoint, await sign(endpoint, request));
}

behaves.each([...CHECKSUMS])(
  "a $title checksum is verified, kept, and returned on request",
  async ({ title, value }) => {
    const Bucket = await endpoint.createBucket();
    const name = `Checksum${title}` as const;
    const written = await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "hello", [name]: value }));
    expect(written[name]).toBe(value);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "a", ChecksumMode: "ENABLED" }));
    expect(head).toMatchObject({ [name]: value, ChecksumType: "FULL_OBJECT" });
    const silent = await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }));
    expect(silent[name]).toBeUndefined();
  },
);

behaves.each([...CHECKSUMS])(
  "a wrong $title checksum is refused, and nothing is stored",
  async ({ title, value }) => {
    const Bucket = await endpoint.createBucket();
    const { status, code } = await put(Bucket, "hullo", { [`x-amz-checksum-${title.toLowerCase()}`]: value });
    expect({ status, code }).toEqual({ status: 400, code: "BadDigest" });
    expect((await refusal(s3.send(new HeadObjectCommand({ Bucket, Key: "a" }))))[0]).toBe(404);
  },
);

behaves.each([
  { title: "correct", md5: MD5, status: 200, code: undefined },
  { title: "wrong", md5: "XUFAKrxLKna5cZ2REBfFkQ==", status: 400, code: "BadDigest" },
  { title: "malformed", md5: "hello", status: 400, code: "InvalidDigest" },
])("a $title Content-MD5 is checked", async ({ md5, status, code }) => {
  const Bucket = await endpoint.createBucket();
  const answer = await put(Bucket, "hello", { "content-md5": md5 });
  expect({ status: answer.status, code: answer.code }).toEqual({ status, code });
});

behaves("a range comes without a checksum, because that is of the whole object", async () => {
  const Bucket = await endpoint.createBucket();
  await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "hello", ChecksumAlgorithm: "CRC32" }));
  const range = await s3.send(
    new GetObjectCommand({ Bucket, Key: "a", Range: "bytes=0-1", ChecksumMode: "ENABLED" }),
  );
  expect(range.ChecksumCRC32).toBeUndefined();
});

behaves("a stream that the SDK sends in chunks, with its checksum last, arrives complete", async () => {
  const Bucket = await endpoint.createBucket();
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 251));
  const Body = Readable.from([bytes.subarray(0, 7), bytes.subarray(7, 200_000), bytes.subarray(200_000)]);
  const written = await s3.send(
    new PutObjectCommand({ Bucket, Key: "a", Body, ContentLength: bytes.length }),
  );
  expect(written.ETag).toBe(`"${createHash("md5").update(bytes).digest("hex")}"`);
  const { ContentLength, ContentEncoding } = await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }));
  expect({ ContentLength, ContentEncoding }).toEqual({ ContentLength: 300_000, ContentEncoding: undefined });
});

const base64Crc32 = (text: string) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes.toString("base64");
};

/** The headers of an aws-chunked body of "hello world". */
const chunked = (payload: string, encoded: string, more: Record<string, string> = {}) => ({
  "content-encoding": "aws-chunked",
  "content-length": String(Buffer.byteLength(encoded)),
  "x-amz-decoded-content-length": "11",
  "x-amz-content-sha256": payload,
  ...more,
});

const UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const TRAILER = { "x-amz-trailer": "x-amz-checksum-crc32" };
const unsignedBody = (trailer: string) => `6\r\nhello \r\n5\r\nworld\r\n0\r\n${trailer}\r\n`;

behaves("unsigned chunks with a trailing checksum are decoded", async () => {
  const Bucket = await endpoint.createBucket();
  const body = unsignedBody(`x-amz-checksum-crc32:${base64Crc32("hello world")}\r\n`);
  expect((await put(Bucket, body, chunked(UNSIGNED, body, TRAILER))).status).toBe(200);
  expect(await read(Bucket, "a")).toBe("hello world");
});

const BAD_CHUNKS = [
  {
    title: "with a wrong trailing checksum",
    body: unsignedBody(`x-amz-checksum-crc32:${base64Crc32("hullo world")}\r\n`),
    headers: {},
    code: "BadDigest",
  },
  {
    title: "of a length other than announced",
    body: unsignedBody(`x-amz-checksum-crc32:${base64Crc32("hello world")}\r\n`),
    headers: { "x-amz-decoded-content-length": "12" },
    code: "IncompleteBody",
  },
  { title: "that end before the last chunk", body: "6\r\nhello \r\n", headers: {}, code: "IncompleteBody" },
  { title: "that are not chunks", body: "hello world", headers: {}, code: expect.any(String) },
];

behaves.each(BAD_CHUNKS)(
  "chunks $title are refused, and nothing is stored",
  async ({ body, headers, code }) => {
    const Bucket = await endpoint.createBucket();
    const answer = await put(Bucket, body, { ...chunked(UNSIGNED, body, TRAILER), ...headers });
    expect({ status: answer.status, code: answer.code }).toEqual({ status: 400, code });
    expect((await refusal(s3.send(new HeadObjectCommand({ Bucket, Key: "a" }))))[0]).toBe(404);
  },
);

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Sends chunks that are signed individually, as the SDKs for Java and Go do. */
async function putSigned(
  bucket: string,
  { trailer, forge }: { trailer?: string; forge?: "chunk" | "trailer" },
) {
  const payload = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer ? "-TRAILER" : ""}`;
  const { "content-length": _, ...headers } = chunked(payload, "", trailer ? TRAILER : {});
  const request = await sign(endpoint, { method: "PUT", path: `/${bucket}/a`, headers });
  const timestamp = String(request.headers?.["x-amz-date"]);
  const scope = [timestamp.slice(0, 8), endpoint.region, "s3", "aws4_request"];
  const hmac = (key: Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const key = scope.reduce<Buffer>(hmac, Buffer.from(`AWS4${endpoint.credentials.secretAccessKey}`));
  let previous = /Signature=(\w+)/.exec(request.headers?.authorization ?? "")?.[1] ?? "";
  const next = (kind: string, ...content: string[]) => {
    const lines = [`AWS4-HMAC-SHA256-${kind}`, timestamp, scope.join("/"), previous, ...content];
    previous = hmac(key, lines.join("\n")).toString("hex");
    return previous;
  };
  let body = "";
  for (const text of ["hello ", "world", ""]) {
    const signature = next("PAYLOAD", sha256(""), sha256(text));
    const content = forge === "chunk" && text === "world" ? "w0rld" : text;
    body += `${text.length.toString(16)};chunk-signature=${signature}\r\n${content}`;
    if (text !== "" || !trailer) body += "\r\n";
  }
  if (trailer) {
    const signature = next("TRAILER", sha256(`${trailer}\n`));
    body += `${trailer}\r\nx-amz-trailer-signature:${forge === "trailer" ? "0".repeat(64) : signature}\r\n\r\n`;
  }
  return send(endpoint, {
    ...request,
    headers: { ...request.headers, "content-length": String(body.length) },
    body,
  });
}

const CRC_TRAILER = `x-amz-checksum-crc32:${base64Crc32("hello world")}`;

behaves.each([
  { title: "signed chunks", options: {} },
  { title: "signed chunks with a signed trailer", options: { trailer: CRC_TRAILER } },
])("$title are decoded", async ({ options }) => {
  const Bucket = await endpoint.createBucket();
  expect(await putSigned(Bucket, options)).toMatchObject({ status: 200 });
  expect(await read(Bucket, "a")).toBe("hello world");
});

behaves.each([
  { title: "a chunk", options: { forge: "chunk" as const } },
  { title: "the trailer", options: { trailer: CRC_TRAILER, forge: "trailer" as const } },
])("signed chunks are refused if $title was forged", async ({ options }) => {
  const Bucket = await endpoint.createBucket();
  const { status, code } = await putSigned(Bucket, options);
  expect({ status, code }).toEqual({ status: 403, code: "SignatureDoesNotMatch" });
  expect((await refusal(s3.send(new HeadObjectCommand({ Bucket, Key: "a" }))))[0]).toBe(404);
});

behaves("a body of unknown length is refused", async () => {
  const Bucket = await endpoint.createBucket();
  const headers = { "transfer-encoding": "chunked" };
  const request = await sign(endpoint, { method: "PUT", path: `/${Bucket}/a`, body: "hello", headers });
  const { status, code } = await send(endpoint, request);
  expect({ status, code }).toEqual({ status: 411, code: "MissingContentLength" });
});

behaves("a body of more than 5 GiB is refused before it is sent", async () => {
  const Bucket = await endpoint.createBucket();
  const headers = { "content-length": String(5 * 1024 ** 3 + 1), expect: "100-continue" };
  const request = await sign(endpoint, { method: "PUT", path: `/${Bucket}/a`, headers });
  const { status, code } = await send(endpoint, request);
  expect({ status, code }).toEqual({ status: 400, code: "EntityTooLarge" });
});
