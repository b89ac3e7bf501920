import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type LocalAws, startAws, startEventSourceMapping } from "@thumbsmith/aws-local";
import { createClient } from "@thumbsmith/functions";
import { BUCKETS, countMessages, createQueue, QUEUES } from "@thumbsmith/local";
import { parseNotification } from "@thumbsmith/shared";
import { columns, count } from "../../../packages/cli/src/terminal/print.ts";
import { seedManifests, seedSources } from "./seed.ts";

const MAIN = fileURLToPath(new URL("../../../packages/cli/src/main.ts", import.meta.url));
const BACKFILL = ["backfill", "--yes", "--fresh", "--rate", "1000000"];
const MEGABYTE = 1_048_576;
/** Milliseconds between two samples of a command's memory. */
const SAMPLE = 100;

/**
 * Measures the commands that list, with many sources in the local S3: their time, and their memory in each quarter of it.
 * The messages of a backfill are received and counted, but no thumbnails are made.
 */
const { values } = parseArgs({ options: { objects: { type: "string", default: "200000" } } });
const objects = Number(values.objects);
const directory = await mkdtemp(join(tmpdir(), "thumbsmith-scale-"));
try {
  await timed("seconds to write the sources", () => seedSources(directory, objects));
  const missing = await measure("backfill, none made", BACKFILL);
  await timed("seconds to write the manifests", () => seedManifests(directory, objects));
  const current = await measure("backfill, all current", BACKFILL);
  const swept = await measure("sweep", ["sweep"]);
  const runs = [missing, current, swept];
  console.log(
    columns(
      [`${count(objects)} sources`, "keys sent", "seconds", "peak MB", "of each quarter"],
      runs.map(({ name, keys, seconds, peaks }) => [
        ...[name, keys, seconds, Math.max(...peaks), peaks.join(", ")],
      ]),
    ),
  );
  const isRight = runs.every(({ code }) => code === 0) && missing.keys === objects && current.keys === 0;
  process.exitCode = isRight ? 0 : 1;
} finally {
  await rm(directory, { recursive: true });
}

/** Runs a command in a separate process, against the local S3 in this one. */
async function measure(name: string, command: string[]) {
  const aws = await timed("seconds for the local S3 to load", () => startAws({ directory }));
  const queue = await startQueue(aws);
  const start = Date.now();
  const args = ["--import", "tsx", MAIN, ...command, "--endpoint", aws.endpoint];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  const samples: number[] = [];
  const sampler = setInterval(async () => samples.push(await memoryOf(child.pid)), SAMPLE);
  const [code] = await once(child, "exit");
  clearInterval(sampler);
  const seconds = Math.round((Date.now() - start) / 1_000);
  const keys = await queue.stop();
  await aws.close();
  const quarter = Math.ceil(samples.length / 4);
  const peaks = [0, 1, 2, 3].map((i) => Math.max(0, ...samples.slice(i * quarter, (i + 1) * quarter)));
  return { name, code, keys, seconds, peaks };
}

/** The queue of a pipeline, with a function that only records the keys. */
async function startQueue({ endpoint, region, credentials }: LocalAws) {
  const access = { endpoint, region, credentials };
  const s3 = createClient(access);
  for (const Bucket of Object.values(BUCKETS)) await s3.send(new CreateBucketCommand({ Bucket }));
  s3.destroy();
  const sqs = new SQSClient(access);
  await createQueue(sqs, QUEUES.deadLetters, {});
  const { url, arn } = await createQueue(sqs, QUEUES.main, {});
  const keys = new Set<string>();
  const mapping = startEventSourceMapping({
    ...{ sqs, queueUrl: url, queueArn: arn, batchSize: 10, maximumConcurrency: 4 },
    ...{ functionName: "scale", timeoutSeconds: 60, memoryMb: 1_024 },
    async handler({ Records }) {
      for (const { body } of Records) for (const { key } of parseNotification(body).jobs) keys.add(key);
      return { batchItemFailures: [] };
    },
  });
  return {
    /** Waits until the queue is empty. @returns how many different keys came */
    async stop() {
      while ((await countMessages(sqs, url)) > 0) {}
      await mapping.stop();
      sqs.destroy();
      return keys.size;
    },
  };
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  const result = await work();
  console.error(`${Math.round((Date.now() - start) / 1_000)} ${what}`);
  return result;
}

/** Resident memory in megabytes, from Linux. */
async function memoryOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/statm`, "utf8").catch(() => "0 0");
  return Math.round((Number(status.split(" ")[1]) * 4_096) / MEGABYTE);
}
