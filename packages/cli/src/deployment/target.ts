import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { S3Client } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { LOCAL_ACCESS } from "@thumbsmith/aws-local";
import { createClient } from "@thumbsmith/functions";
import { BUCKETS, LOCAL_PORT, QUEUES, readConfig } from "@thumbsmith/local";
import type { Config } from "@thumbsmith/shared";
import * as z from "zod/mini";
import { withActions } from "../terminal/advice.ts";
import { parseFile } from "../terminal/files.ts";
import { whereTyped } from "../terminal/where-typed.ts";

const OUTPUTS_FILE = fileURLToPath(new URL("../../../../.sst/outputs.json", import.meta.url));
export const LOCAL_ENDPOINT = `http://127.0.0.1:${LOCAL_PORT}`;

/** The options that select a deployment or the local pipeline. */
export interface Where {
  stage?: string;
  outputs?: string;
  local?: boolean;
  /** The address of a `pnpm local` that does not listen on the default port. */
  endpoint?: string;
  /** A configuration other than this clone's. */
  config?: string;
}

/** How the SDK's clients connect. The SDK finds what is not set here, `AWS_ENDPOINT_URL` included. */
export interface Access {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** The outputs of `sst.config.ts`. */
const Outputs = z.object({
  stage: z.optional(z.string()),
  region: z.string(),
  uploadsBucket: z.string(),
  /** For an existing bucket: the rule that delivers its events, and its key, if it has one. */
  uploadsRuleName: z.optional(z.string()),
  uploadsKeyArn: z.optional(z.string()),
  thumbnailsBucket: z.string(),
  queueUrl: z.string(),
  deadLetterQueueUrl: z.string(),
  functionName: z.string(),
  keyArn: z.string(),
  alarmTopicArn: z.string(),
  /** Not set by version 0.1, which encrypted the topic with the same key as the data. */
  alarmKeyArn: z.optional(z.string()),
  /** Not set for a stage without a canary. */
  canaryFunctionName: z.optional(z.string()),
  dashboardUrl: z.optional(z.string()),
  /** Set if CloudFront serves the thumbnails. */
  distributionArn: z.optional(z.string()),
});
export type Outputs = z.infer<typeof Outputs>;

/** What commands work on: the buckets and queues, and what only a deployment has. */
export interface Target
  extends Pick<Outputs, "uploadsBucket" | "thumbnailsBucket" | "queueUrl" | "deadLetterQueueUrl"> {
  label: string;
  /** The options that select it and its configuration, for the next command line. */
  option: string;
  config: Config;
  access: Access;
  s3: S3Client;
  sqs: SQSClient;
  /** Not set for the local pipeline. */
  deployed?: Omit<
    Outputs,
    "stage" | "region" | "uploadsBucket" | "thumbnailsBucket" | "queueUrl" | "deadLetterQueueUrl"
  >;
  close(): void;
}

export async function connect(where: Where): Promise<Target> {
  const endpoint = localEndpoint(where);
  const config = await typedConfig(where);
  const configured = where.config ? ` --config ${where.config}` : "";
  if (endpoint) {
    const target = await connectLocal(endpoint, config);
    return { ...target, option: target.option + configured };
  }
  const outputs = await readOutputs(where);
  return {
    ...outputs,
    ...clients({ region: outputs.region }),
    label: labelOf(where),
    option: `${where.outputs ? `--outputs ${where.outputs}` : `--stage ${where.stage}`}${configured}`,
    config,
    deployed: outputs,
  };
}

/** The configuration that `--config` names, or this clone's. */
export function typedConfig({ config }: Pick<Where, "config">): Promise<Config> {
  return readConfig(config && resolve(whereTyped(), config));
}

/**
 * The address of the local pipeline, if the command line asks for it.
 * @throws Error if it names a deployment too, or an invalid address
 */
function localEndpoint({ local, endpoint, stage, outputs }: Where): string | undefined {
  if (!local && !endpoint) return undefined;
  if (stage || outputs) {
    const deployment = stage ? "--stage" : "--outputs";
    throw new Error(`Expected either ${deployment} for a deployment or --local, found both.`);
  }
  if (!endpoint) return LOCAL_ENDPOINT;
  const address = /^\d+$/.test(endpoint) ? `127.0.0.1:${endpoint}` : endpoint;
  const url = /^https?:/.test(address) ? address : `http://${address}`;
  if (URL.canParse(url)) return new URL(url).origin;
  throw new Error(`Expected --endpoint to be an address such as ${LOCAL_ENDPOINT}, found ${endpoint}.`);
}

/** What the command line selects, for messages. */
export function labelOf(where: Where): string {
  const { stage, outputs } = where;
  const endpoint = stage || outputs ? undefined : localEndpoint(where);
  if (endpoint) return `the local pipeline at ${endpoint}`;
  return stage ? `stage ${stage}` : `the deployment of ${outputs}`;
}

/** The next command to type, for the same target. */
export function commandLine({ option }: Pick<Target, "option">, command: string): string {
  return `pnpm thumbsmith ${command} ${option}`;
}

/** The buckets and queues of `pnpm local`. */
export async function connectLocal(endpoint: string, config: Config): Promise<Target> {
  const reached = clients({ ...LOCAL_ACCESS, endpoint });
  const urlOf = async (QueueName: string) =>
    (await reached.sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? "";
  return {
    ...reached,
    label: `the local pipeline at ${endpoint}`,
    option: endpoint === LOCAL_ENDPOINT ? "--local" : `--endpoint ${endpoint}`,
    config,
    uploadsBucket: BUCKETS.uploads,
    thumbnailsBucket: BUCKETS.thumbnails,
    queueUrl: await urlOf(QUEUES.main),
    deadLetterQueueUrl: await urlOf(QUEUES.deadLetters),
  };
}

function clients(access: Access) {
  const s3 = withActions(createClient(access));
  // Otherwise the address of a queue would win over AWS_ENDPOINT_URL.
  const sqs = withActions(new SQSClient({ ...access, useQueueUrlAsEndpoint: false }));
  const close = () => {
    s3.destroy();
    sqs.destroy();
  };
  return { access, s3, sqs, close };
}

async function readOutputs({ stage, outputs }: Where): Promise<Outputs> {
  if (!stage && !outputs) {
    throw new Error("Expected --stage <name> for a deployment, or --local for the pipeline of `pnpm local`.");
  }
  const file = outputs ? resolve(whereTyped(), outputs) : OUTPUTS_FILE;
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    const deploy = `pnpm sst deploy --stage ${stage ?? "<name>"}`;
    throw new Error(
      `Expected a deployment's outputs in ${file}, found no such file. Run \`${deploy}\` here, or name the file with --outputs.`,
      { cause },
    );
  });
  const found = parseFile(Outputs, text, file);
  if (stage && found.stage && found.stage !== stage) {
    throw new Error(
      `${file} is for stage ${found.stage}, not ${stage}: SST keeps only the outputs of the last deployment from this folder. ` +
        `Run \`pnpm sst deploy --stage ${stage}\`, or name another file with --outputs.`,
    );
  }
  return found;
}
