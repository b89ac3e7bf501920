import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { S3Error, type S3ErrorCode } from "./errors.ts";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** The credentials and the region that signatures are checked against. */
export interface Realm {
  credentials: Credentials;
  region: string;
  service: "s3" | "sqs";
}

export interface SignedRequest {
  method: string;
  /** The path as it was sent, still encoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** The body's hash, if it is known. Otherwise, it is in the x-amz-content-sha256 header, and the body is checked later. */
  bodyHash?: string;
}

/** What a valid signature says about the body: its hash, or how it is sent, and the signatures of its chunks. */
export interface Authorization {
  payloadHash: string;
  chunks?: ChunkSignatures;
}

interface Claim {
  accessKeyId: string;
  scope: string[];
  signedHeaders: string[];
  signature: string;
  timestamp: string;
  payloadHash: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
export const SIGNATURE_VERSION_2 =
  "Signature Version 2 is not supported. Please use AWS4-HMAC-SHA256: `aws configure set default.s3.signature_version s3v4`.";
const MAX_SKEW_MS = 15 * 60_000;
const MAX_EXPIRES_SECONDS = 7 * 24 * 3600;
const EMPTY_HASH = sha256("");

/** Checks Signature Version 4, from the Authorization header or from a presigned query. */
export function authorize(request: SignedRequest, realm: Realm, now = Date.now()): Authorization {
  const presigned = request.query.has("X-Amz-Signature");
  const claim = presigned ? fromQuery(request, now) : fromHeader(request, now);
  checkScope(claim, realm, presigned ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed");
  checkHeaders(claim, request);

  const scope = claim.scope.join("/");
  const key = signingKey(realm.credentials.secretAccessKey, claim.scope);
  const toSign = [ALGORITHM, claim.timestamp, scope, sha256(canonicalRequest(request, claim))].join("\n");
  if (!sameSignature(hmac(key, toSign).toString("hex"), claim.signature)) {
    throw new S3Error("SignatureDoesNotMatch", undefined, {
      details: { AWSAccessKeyId: claim.accessKeyId, StringToSign: toSign },
    });
  }
  return {
    payloadHash: claim.payloadHash,
    chunks: new ChunkSignatures(key, claim.timestamp, scope, claim.signature),
  };
}

/** Checks the signature of a form's policy. `field` returns a field of the form by its name, or throws. */
export function authorizePolicy(policy: string, field: (name: string) => string, realm: Realm): void {
  const [accessKeyId = "", ...scope] = field("X-Amz-Credential").split("/");
  const timestamp = field("X-Amz-Date");
  if (field("X-Amz-Algorithm") !== ALGORITHM) {
    throw new S3Error("InvalidArgument", `X-Amz-Algorithm only supports "${ALGORITHM}"`);
  }
  const signature = field("X-Amz-Signature");
  checkScope({ accessKeyId, scope, timestamp }, realm, "InvalidArgument");
  const expected = hmac(signingKey(realm.credentials.secretAccessKey, scope), policy).toString("hex");
  if (sameSignature(expected, signature)) return;
  throw new S3Error("SignatureDoesNotMatch", undefined, {
    details: { AWSAccessKeyId: accessKeyId, StringToSign: policy },
  });
}

/** The chain of signatures of an aws-chunked body: each covers the one before. */
export class ChunkSignatures {
  readonly #key: Buffer;
  readonly #prefix: string;
  #previous: string;

  constructor(key: Buffer, timestamp: string, scope: string, seed: string) {
    this.#key = key;
    this.#prefix = `${timestamp}\n${scope}`;
    this.#previous = seed;
  }

  checkChunk(contentHash: string, signature: string): void {
    this.#check(`${ALGORITHM}-PAYLOAD`, `${EMPTY_HASH}\n${contentHash}`, signature);
  }

  checkTrailer(trailer: string, signature: string): void {
    this.#check(`${ALGORITHM}-TRAILER`, sha256(trailer), signature);
  }

  #check(algorithm: string, content: string, signature: string): void {
    const toSign = [algorithm, this.#prefix, this.#previous, content].join("\n");
    const expected = hmac(this.#key, toSign).toString("hex");
    if (!sameSignature(expected, signature)) throw new S3Error("SignatureDoesNotMatch");
    this.#previous = expected;
  }
}

function fromHeader({ headers, query, bodyHash }: SignedRequest, now: number): Claim {
  if (headers.authorization?.startsWith("AWS ") || query.has("AWSAccessKeyId")) {
    throw new S3Error("InvalidRequest", SIGNATURE_VERSION_2);
  }
  if (headers.authorization === undefined) throw new S3Error("AccessDenied");
  const [, credential, signedHeaders, signature] =
    /^AWS4-HMAC-SHA256\s+Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=(\w+)$/.exec(
      headers.authorization,
    ) ?? [];
  if (!credential || !signedHeaders || !signature) throw new S3Error("AuthorizationHeaderMalformed");

  const timestamp = String(headers["x-amz-date"] ?? "");
  const time = parseTimestamp(timestamp);
  if (time === undefined) {
    throw new S3Error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
  }
  if (Math.abs(now - time) > MAX_SKEW_MS) throw new S3Error("RequestTimeTooSkewed");
  const [accessKeyId = "", ...scope] = credential.split("/");
  const payloadHash = bodyHash ?? headers["x-amz-content-sha256"]?.toString();
  if (payloadHash === undefined) {
    throw new S3Error("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  }
  return { accessKeyId, scope, signedHeaders: signedHeaders.split(";"), signature, timestamp, payloadHash };
}

function fromQuery({ query, headers }: SignedRequest, now: number): Claim {
  const parameter = (name: string) => query.get(`X-Amz-${name}`) ?? "";
  const [accessKeyId = "", ...scope] = parameter("Credential").split("/");
  const timestamp = parameter("Date");
  const time = parseTimestamp(timestamp);
  const expires = /^\d+$/.test(parameter("Expires")) ? Number(parameter("Expires")) : Number.NaN;
  if (parameter("Algorithm") !== ALGORITHM || time === undefined || !(expires <= MAX_EXPIRES_SECONDS)) {
    throw new S3Error("AuthorizationQueryParametersError");
  }
  if (now < time - MAX_SKEW_MS) throw new S3Error("AccessDenied", "Request is not yet valid");
  if (now > time + expires * 1000) throw new S3Error("AccessDenied", "Request has expired");
  return {
    accessKeyId,
    scope,
    signedHeaders: parameter("SignedHeaders").split(";"),
    signature: parameter("Signature"),
    timestamp,
    payloadHash:
      headers["x-amz-content-sha256"]?.toString() || parameter("Content-Sha256") || "UNSIGNED-PAYLOAD",
  };
}

function checkScope(
  { accessKeyId, scope, timestamp }: Pick<Claim, "accessKeyId" | "scope" | "timestamp">,
  realm: Realm,
  code: S3ErrorCode,
): void {
  if (accessKeyId !== realm.credentials.accessKeyId) {
    throw new S3Error("InvalidAccessKeyId", undefined, { details: { AWSAccessKeyId: accessKeyId } });
  }
  const expected = [timestamp.slice(0, 8), realm.region, realm.service, "aws4_request"];
  if (scope.join("/") === expected.join("/")) return;
  throw new S3Error(
    code,
    `The credential scope '${scope.join("/")}' is wrong; expecting '${expected.join("/")}'`,
    { details: { Region: realm.region } },
  );
}

function checkHeaders({ signedHeaders }: Claim, { headers }: SignedRequest): void {
  const signed = new Set(signedHeaders);
  const unsigned = Object.keys(headers).filter(
    (name) => (name === "host" || name.startsWith("x-amz-")) && !signed.has(name),
  );
  if (unsigned.length === 0) return;
  throw new S3Error("AccessDenied", "There were headers present in the request which were not signed", {
    details: { HeadersNotSigned: unsigned.join(", ") },
  });
}

function canonicalRequest({ method, path, query, headers }: SignedRequest, claim: Claim): string {
  const parameters = [...query]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
    .sort();
  const lines = claim.signedHeaders.map((name) => `${name}:${canonicalValue(headers[name])}\n`);
  return [
    method,
    path
      .split("/")
      .map((segment) => uriEncode(decodeURIComponent(segment)))
      .join("/"),
    parameters.join("&"),
    lines.join(""),
    claim.signedHeaders.join(";"),
    claim.payloadHash,
  ].join("\n");
}

function canonicalValue(value: string | string[] | undefined): string {
  return String(value ?? "")
    .trim()
    .replace(/\s+/g, " ");
}

/** Percent-encodes all except RFC 3986's unreserved characters, as AWS does. */
function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function parseTimestamp(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

function signingKey(secret: string, scope: string[]): Buffer {
  return scope.reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

// Node gives the bytes of headers as Latin-1. Everything else that is hashed here is ASCII.
function sha256(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("hex");
}

function sameSignature(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
