import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient } from "../src/sync/store.ts";

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An S3 over HTTP that gives predefined answers. */
export async function startStub(answer: Answer) {
  const requests: { method: string; path: string; headers: IncomingMessage["headers"] }[] = [];
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    requests.push({ method, path: url.replace(/\?.*/, ""), headers });
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = createClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "stub", secretAccessKey: "stub" },
    forcePathStyle: true,
    requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
  });
  return {
    requests,
    client,
    async stop() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** S3's answer for an error. For HEAD it has no body, so the client does not learn the code. */
export const fails =
  (status: number, code: string, message = code): Answer =>
  ({ method }, response) => {
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(method === "HEAD" ? "" : `<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
  };

export const holds =
  (body: string, headers: Record<string, string> = {}): Answer =>
  ({ method }, response) => {
    response.writeHead(200, { etag: '"e"', "content-length": Buffer.byteLength(body), ...headers });
    response.end(method === "GET" ? body : "");
  };
