import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { client, node } from "./install.ts";

export interface Lambda {
  /** @param milliseconds the function's timeout @returns the handler's result */
  invoke(event: object, milliseconds: number): Promise<unknown>;
  stop(): Promise<void>;
}

interface Invocation {
  id: string;
  event: object;
  milliseconds: number;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/**
 * Runs a function's package as Lambda does: AWS's client of the Runtime API loads it on Node 22, asks for events and
 * answers. This is the server of that API.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function startLambda(folder: string, environment: Record<string, string>): Promise<Lambda> {
  const waiting: Invocation[] = [];
  const begun = new Map<string, Invocation>();
  let asked: ServerResponse | undefined;
  const hand = () => {
    const invocation = asked && waiting.shift();
    if (!asked || !invocation) return;
    begun.set(invocation.id, invocation);
    asked.setHeader("Content-Type", "application/json");
    asked.setHeader("Lambda-Runtime-Aws-Request-Id", invocation.id);
    asked.setHeader("Lambda-Runtime-Deadline-Ms", Date.now() + invocation.milliseconds);
    asked.setHeader("Lambda-Runtime-Invoked-Function-Arn", ARN);
    asked.end(JSON.stringify(invocation.event));
    asked = undefined;
  };
  let output = "";
  const fail = (what: string) => {
    const error = new Error(`${what}\n${output}`);
    for (const { reject } of [...waiting.splice(0), ...begun.values()]) reject(error);
  };
  const server = createServer(async (request, response) => {
    const [, id = "", end] = /invocation\/([^/]+)(?:\/(\w+))?$/.exec(request.url ?? "") ?? [];
    if (id === "next") {
      asked = response;
      return hand();
    }
    const body = Buffer.concat(await request.toArray()).toString();
    response.writeHead(202).end("{}");
    if (end === "response") begun.get(id)?.resolve(JSON.parse(body));
    else fail(`Expected the function to answer, found ${body}`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const child = spawn(node, [client], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...{ LAMBDA_TASK_ROOT: folder, _HANDLER: "bundle.handler", AWS_REGION: "us-east-1" },
      ...{ AWS_LAMBDA_FUNCTION_NAME: "thumbsmith", AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1769" },
      ...{ AWS_LAMBDA_FUNCTION_VERSION: "$LATEST", AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand" },
      ...{ AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/thumbsmith", AWS_LAMBDA_LOG_STREAM_NAME: "stream" },
      ...environment,
    },
  });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  child.once("close", (code, signal) =>
    fail(`Expected the function to keep running, found that it exited with ${code ?? signal}`),
  );
  return {
    invoke: (event, milliseconds) =>
      new Promise((resolve, reject) => {
        waiting.push({ id: randomUUID(), event, milliseconds, resolve, reject });
        if (child.exitCode !== null) fail("Expected the function to run, found that it had exited");
        hand();
      }),
    async stop() {
      child.kill("SIGKILL");
      await once(child, "exit");
      server.closeAllConnections();
      server.close();
    },
  };
}

const ARN = "arn:aws:lambda:us-east-1:123456789012:function:thumbsmith";
