import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { S3Error } from "../errors.ts";
import { authorize, type Realm } from "../signature.ts";
import { SqsError } from "./errors.ts";
import { Input, invalid } from "./input.ts";
import { handleSqs, type SqsContext } from "./service.ts";

const TARGET = "AmazonSQS.";
const MAX_BODY_BYTES = 4 * 1024 ** 2;

/** The names that AWS's JSON services have for S3's errors of a signature. */
const SIGNATURE_ERRORS: Record<string, string> = {
  AccessDenied: "MissingAuthenticationTokenException",
  InvalidAccessKeyId: "UnrecognizedClientException",
};

export function isSqs({ headers }: IncomingMessage): boolean {
  return headers["x-amz-target"]?.toString().startsWith(TARGET) ?? false;
}

/** Answers an HTTP request in SQS's JSON protocol. */
export async function answerSqs(
  context: Omit<SqsContext, "signal" | "urlPrefix"> & { accountId: string },
  realm: Realm,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  response.setHeader("content-type", "application/x-amz-json-1.0");
  response.setHeader("x-amzn-requestid", randomUUID());
  try {
    const input = await readInput(message, realm);
    const operation = String(message.headers["x-amz-target"]).slice(TARGET.length);
    const urlPrefix = `http://${message.headers.host}/${context.accountId}`;
    const output = await handleSqs(operation, input, { ...context, urlPrefix, signal: gone.signal });
    response.end(JSON.stringify(output));
  } catch (error) {
    sendError(response, error);
  }
}

async function readInput(message: IncomingMessage, realm: Realm): Promise<Input> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw invalid("The request is too long.");
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const { method = "", url = "", headers } = message;
  const [path = "", search = ""] = url.split("?");
  const bodyHash = createHash("sha256").update(body).digest("hex");
  authorize({ method, path, query: new URLSearchParams(search), headers, bodyHash }, realm);
  return new Input(parseJson(body.toString("utf8")));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("The request is not JSON.");
  }
}

function sendError(response: ServerResponse, error: unknown): void {
  if (error instanceof SqsError) {
    response.statusCode = error.status;
    response.setHeader("x-amzn-query-error", `${error.queryCode};Sender`);
    response.end(JSON.stringify({ __type: `com.amazonaws.sqs#${error.shape}`, message: error.message }));
    return;
  }
  if (error instanceof S3Error) {
    const shape = SIGNATURE_ERRORS[error.code] ?? "InvalidSignatureException";
    response.statusCode = 403;
    response.end(JSON.stringify({ __type: `com.amazon.coral.service#${shape}`, message: error.message }));
    return;
  }
  console.error("The local SQS failed:", error);
  response.statusCode = 500;
  response.end(JSON.stringify({ __type: "com.amazonaws.sqs#InternalError", message: "Internal error" }));
}
