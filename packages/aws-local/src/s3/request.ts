import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Authorization } from "../signature.ts";
import type { Version } from "./version.ts";
import { toXml, type XmlValue } from "./xml.ts";

/** A request whose signature has not been checked. */
export interface UnsignedRequest {
  method: string;
  bucket: string;
  key: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** The undecoded body. Calling this sends "100 Continue" to a client that waits for it. */
  body: () => AsyncIterable<Buffer>;
}

/** A request with a valid signature. */
export interface S3Request extends UnsignedRequest {
  authorization: Authorization;
}

export interface S3Response {
  status: number;
  headers?: Record<string, string | number | undefined>;
  body?: string | Buffer | Readable;
}

/** The value of a header, which may occur only once. */
export function header(request: S3Request, name: string): string | undefined {
  return request.headers[name]?.toString();
}

export function xmlResponse(
  root: string,
  content: XmlValue,
  headers: S3Response["headers"] = {},
): S3Response {
  return {
    status: 200,
    headers: { ...headers, "content-type": "application/xml" },
    body: toXml(root, content),
  };
}

export function versionHeader({ versioning }: { versioning?: string | undefined }, { versionId }: Version) {
  return { "x-amz-version-id": versioning === undefined ? undefined : versionId };
}
