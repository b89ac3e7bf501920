import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Endpoint } from "./endpoint.ts";

export interface RawRequest {
  method: string;
  /** "/bucket/key", percent-encoded. */
  path: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export interface RawResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** The code of S3's error. */
  code: string | undefined;
}

/** What a request is signed with, which a test may change. */
export interface Signing {
  date?: Date;
  accessKeyId?: string;
  secretAccessKey?: string;
  region?: string;
}

/** Signs a request as SDKs do, without changing it. */
export async function sign(
  endpoint: Endpoint,
  request: RawRequest,
  signing: Signing = {},
): Promise<RawRequest> {
  const { protocol, host } = new URL(endpoint.s3Url);
  const headers = { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD", ...request.headers };
  const signed = await signer(endpoint, signing).sign(
    { ...request, query: request.query ?? {}, headers, protocol, hostname: host },
    { signingDate: signing.date ?? new Date() },
  );
  return { ...request, headers: signed.headers };
}

/** Presigns a request: its signature is in the query. */
export async function presign(
  endpoint: Endpoint,
  request: RawRequest,
  { expiresIn = 60, ...signing }: Signing & { expiresIn?: number } = {},
): Promise<RawRequest> {
  const { protocol, host } = new URL(endpoint.s3Url);
  const headers = { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD", ...request.headers };
  const signed = await signer(endpoint, signing).presign(
    { ...request, query: request.query ?? {}, headers, protocol, hostname: host },
    { expiresIn, signingDate: signing.date ?? new Date() },
  );
  const query = Object.fromEntries(
    Object.entries(signed.query ?? {}).map(([name, value]) => [name, String(value)]),
  );
  return { ...request, query, headers: signed.headers };
}

/** Sends a request unchanged. The SDKs would correct it. */
export async function send({ s3Url }: Endpoint, { method, path, query = {}, headers, body }: RawRequest) {
  const { protocol, hostname, port } = new URL(s3Url);
  const search = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  const start = protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise<RawResponse>((resolve, reject) => {
    const options = {
      method,
      hostname,
      port,
      path: search.length > 0 ? `${path}?${search.join("&")}` : path,
      headers,
    };
    const request = start({ ...options, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1];
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, code });
      });
    });
    request.on("error", reject);
    // With "Expect: 100-continue", a server may answer with an error before the body is sent.
    if (headers?.expect) request.on("continue", () => request.end(body)).flushHeaders();
    else request.end(body);
  });
}

function signer({ credentials, region }: Endpoint, signing: Signing): SignatureV4 {
  return new SignatureV4({
    credentials: {
      accessKeyId: signing.accessKeyId ?? credentials.accessKeyId,
      secretAccessKey: signing.secretAccessKey ?? credentials.secretAccessKey,
    },
    region: signing.region ?? region,
    service: "s3",
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
}
