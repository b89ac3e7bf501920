import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { watchFolder } from "./s3/adoption.ts";
import { answerS3 } from "./s3/http.ts";
import { openS3 } from "./s3/router.ts";
import type { Credentials } from "./signature.ts";
import { answerSqs, isSqs } from "./sqs/http.ts";
import type { Queue, Watch } from "./sqs/queue.ts";

const HOST = "127.0.0.1";
/** The default region and credentials. */
export const LOCAL_ACCESS = {
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
} satisfies { region: string; credentials: Credentials };

export interface AwsOptions {
  /** The parent of the buckets' folders, which have the objects as plain files. */
  directory: string;
  /** By default, any free one. */
  port?: number;
  credentials?: Credentials;
  region?: string;
  accountId?: string;
  /** Called at each step of every message. */
  watch?: Watch | undefined;
}

export interface LocalAws {
  /** The value for AWS_ENDPOINT_URL. It serves both S3 and SQS. */
  endpoint: string;
  credentials: Credentials;
  region: string;
  /** Treats changes by hand to the files in the bucket's folder, from now on, as if they were made through S3. */
  adopt(bucket: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts an S3 and an SQS that the AWS SDKs can use over HTTP, without an AWS account. Objects are kept in the directory.
 * Queues are in memory, so a restart loses their messages.
 */
export async function startAws({
  directory,
  port = 0,
  credentials = LOCAL_ACCESS.credentials,
  region = LOCAL_ACCESS.region,
  accountId = "000000000000",
  watch,
}: AwsOptions): Promise<LocalAws> {
  const queues = new Map<string, Queue>();
  const arnPrefix = `arn:aws:sqs:${region}:${accountId}`;
  const send = (queueArn: string, body: string) => {
    const queue = [...queues.values()].find(({ arn }) => arn === queueArn);
    queue?.send(body);
    return queue !== undefined;
  };
  const s3 = await openS3({ directory, region, accountId, send });

  const running = new Set<Promise<void>>();
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 });
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const answered = isSqs(request)
      ? answerSqs(
          { queues, arnPrefix, accountId, watch },
          { credentials, region, service: "sqs" },
          request,
          response,
        )
      : answerS3(s3, credentials, request, response);
    const done = answered.catch(() => {
      response.destroy();
    });
    running.add(done);
    void done.then(() => running.delete(done));
  };
  server.on("request", answer);
  server.on("checkContinue", answer);
  const { port: listeningOn } = await listen(server, port).catch(async (error: unknown) => {
    await s3.storage.close();
    throw error;
  });

  const watchers: { close(): Promise<void> }[] = [];
  return {
    endpoint: `http://${HOST}:${listeningOn}`,
    credentials,
    region,
    async adopt(name) {
      const warn = (error: unknown) => console.error(`A file in ${name} could not be made an object:`, error);
      watchers.push(await watchFolder(s3.storage.bucket(name), warn));
    },
    async close() {
      await Promise.all(watchers.map((watcher) => watcher.close()));
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await Promise.all(running);
      await s3.storage.close();
    },
  };
}

async function listen(server: Server, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const inUse = error.code === "EADDRINUSE";
      reject(
        inUse
          ? new Error(`Port ${port} is already in use on ${HOST}. Pass another --port.`, {
              cause: error,
            })
          : error,
      );
    });
    server.listen(port, HOST, resolve);
  });
  const address = server.address();
  if (typeof address === "object" && address !== null) return address;
  throw new Error("The server has no port.");
}
