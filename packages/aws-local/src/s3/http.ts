import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { S3Error, toS3Error } from "../errors.ts";
import { authorize, type Credentials } from "../signature.ts";
import { corsHeaders, preflight } from "./cors.ts";
import { requestId } from "./notifications.ts";
import { postObject } from "./post.ts";
import type { S3Response, UnsignedRequest } from "./request.ts";
import { handleS3, routeOf, type S3 } from "./router.ts";
import { toXml } from "./xml.ts";

/** Answers an HTTP request as S3 does. Errors become S3's XML. */
export async function answerS3(
  s3: S3,
  credentials: Credentials,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const id = requestId();
  response.setHeader("x-amz-request-id", id);
  response.setHeader("x-amz-id-2", randomBytes(48).toString("base64"));
  response.setHeader("x-amz-bucket-region", s3.region);
  let continued = false;
  const body = () => {
    continued = true;
    if (message.headers.expect !== undefined) response.writeContinue();
    return message.iterator({ destroyOnReturn: false });
  };
  const answer = (answered: S3Response) => send(response, message.method, answered);
  try {
    const address = readAddress(message);
    const rules = s3.storage.buckets.get(address.bucket)?.settings.cors;
    if (message.method === "OPTIONS") {
      await answer(preflight(rules, message));
      return;
    }
    setHeaders(response, corsHeaders(rules, message));
    const request = { method: message.method ?? "", ...address, headers: message.headers, body };
    const realm = { credentials, region: s3.region, service: "s3" } as const;
    await answer(
      // A form is signed by one of its fields.
      routeOf(request) === "POST bucket"
        ? await postObject(s3, realm, request)
        : await handleS3(s3, { ...request, authorization: authorize(request, realm) }),
    );
  } catch (error) {
    // The client is gone, or already has the headers of another answer.
    if (response.headersSent || message.socket.destroyed) {
      response.destroy();
      return;
    }
    const s3Error = toS3Error(error);
    if (s3Error.status === 500) console.error("The local S3 failed:", error);
    // A client that waits for "100 Continue" does not send its body now: its next request would be read as the body.
    if (message.headers.expect !== undefined && !continued) response.setHeader("connection", "close");
    await answer(describe(s3Error, message, id));
  } finally {
    message.resume();
  }
}

type Address = Pick<UnsignedRequest, "bucket" | "key" | "query"> & { path: string };

function readAddress({ url = "" }: IncomingMessage): Address {
  const [path = "", ...search] = url.split("?");
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(decodePath(path)) ?? [];
  return { path, bucket, key, query: new URLSearchParams(search.join("?")) };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    throw new S3Error("InvalidURI", undefined, { cause: error });
  }
}

async function send(response: ServerResponse, method: string | undefined, answer: S3Response): Promise<void> {
  const { status, headers = {}, body = "" } = answer;
  response.statusCode = status;
  setHeaders(response, headers);
  if (body instanceof Readable) {
    await pipeline(body, response);
    return;
  }
  if (method === "HEAD") {
    response.end();
    return;
  }
  response.end(body);
}

function setHeaders(response: ServerResponse, headers: NonNullable<S3Response["headers"]>): void {
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) response.setHeader(name, value);
}

function describe(error: S3Error, { url = "" }: IncomingMessage, RequestId: string): S3Response {
  const content = {
    Code: error.code,
    Message: error.message,
    ...error.details,
    Resource: url.split("?")[0],
    RequestId,
  };
  return {
    status: error.status,
    headers: { ...error.headers, "content-type": "application/xml" },
    body: toXml("Error", content),
  };
}
