import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startAws } from "../../src/server.ts";
import type { Credentials } from "../../src/signature.ts";
import { deleteBucket, deleteQueue } from "./clean-up.ts";

/**
 * What the suite runs against: our server by default. CONTRACT_ENDPOINT can be the URL of a moto server, or "aws" for AWS
 * itself, with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION.
 */
export const endpointKind =
  process.env.CONTRACT_ENDPOINT === undefined
    ? "local"
    : process.env.CONTRACT_ENDPOINT === "aws"
      ? "aws"
      : "moto";

/** Without this, the SDK would warn of bodies without a length, which we test on purpose. */
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

export interface Queue {
  url: string;
  arn: string;
}

/** Clients for a test file. What it creates is removed at the end. */
export interface Endpoint {
  s3Url: string;
  region: string;
  credentials: Credentials;
  /** The options of the clients. */
  options: { region: string; credentials: Credentials; maxAttempts: number; endpoint?: string };
  s3: S3Client;
  sqs: SQSClient;
  /** Creates a bucket for one test. */
  createBucket(): Promise<string>;
  createQueue(attributes?: Record<string, string>): Promise<Queue>;
  close(): Promise<void>;
}

export async function connect(): Promise<Endpoint> {
  const directory = await mkdtemp(join(tmpdir(), "thumbsmith-contract-"));
  const local = endpointKind === "local" ? await startAws({ directory }) : undefined;
  const endpoint = await connectTo(local ?? fromEnvironment());
  return {
    ...endpoint,
    async close() {
      await endpoint.close();
      await local?.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** Connects to a server whose address is known. */
export async function connectTo(server: {
  endpoint?: string | undefined;
  region: string;
  credentials: Credentials;
}): Promise<Endpoint> {
  const { endpoint, region, credentials } = server;
  const options = { region, credentials, maxAttempts: 1, logger: SILENT, ...(endpoint ? { endpoint } : {}) };
  const s3 = new S3Client(options);
  const sqs = new SQSClient(options);
  const buckets: string[] = [];
  const queues: string[] = [];
  return {
    s3Url: endpoint ?? `https://s3.${region}.amazonaws.com`,
    region,
    credentials,
    options,
    s3,
    sqs,
    async createBucket() {
      const Bucket = `contract-${unique()}`;
      const constraint = region === "us-east-1" ? {} : { LocationConstraint: region as "eu-west-1" };
      await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: constraint }));
      buckets.push(Bucket);
      return Bucket;
    },
    async createQueue(attributes = {}) {
      const created = await sqs.send(
        new CreateQueueCommand({ QueueName: `contract-${unique()}`, Attributes: attributes }),
      );
      const url = created.QueueUrl ?? "";
      queues.push(url);
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }),
      );
      return { url, arn: Attributes?.QueueArn ?? "" };
    },
    async close() {
      // Moto keeps everything in memory, and its listing of versions cannot name every key.
      if (endpointKind !== "moto") {
        for (const bucket of buckets) await deleteBucket(s3, bucket);
        for (const queue of queues) await deleteQueue(sqs, queue);
      }
      s3.destroy();
      sqs.destroy();
    },
  };
}

function fromEnvironment(): Parameters<typeof connectTo>[0] {
  const { CONTRACT_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY || !AWS_REGION) {
    throw new Error("CONTRACT_ENDPOINT needs AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION.");
  }
  return {
    endpoint: endpointKind === "aws" ? undefined : CONTRACT_ENDPOINT,
    region: AWS_REGION,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  };
}

function unique(): string {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
}
