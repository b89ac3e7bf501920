import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { LOCAL_ACCESS, startEventSourceMapping } from "@thumbsmith/aws-local";
import { createQueue } from "@thumbsmith/local";
import { limits } from "@thumbsmith/testing/rule";
import type { EventSourceMapping } from "../../../packages/aws-local/src/lambda/event-source-mapping.ts";
import { artefact } from "../artefact.ts";
import type { Bench, Part } from "../bench.ts";
import { type Cloud, startCloud } from "../cloud.ts";
import { eventOf } from "../events.ts";
import { table, times, withSpread } from "../figures.ts";
import { ratio, type Spread, spread } from "../pairs.ts";
import { lines, type Series } from "../plots.ts";
import { startScript, type Worker } from "../worker.ts";

const BATCHES = [1, 2, 5, 10];
const CONCURRENCIES = [1, 2, 4];
const IMAGES = 40;
/** Curves need no pairs: each point is the median of so many. */
const ROUNDS = 3;
/** 6 megapixels. */
const photograph = fileURLToPath(new URL("../../../samples/mountain-sunset-baseline.jpg", import.meta.url));

/** How fast a full queue empties. */
export const throughput: Part = {
  name: "throughput",
  minutes: 1.5,
  async measure(bench) {
    const cloud = await startCloud(bench);
    const package_ = await artefact();
    const functions = Array.from({ length: Math.max(...CONCURRENCIES) }, () =>
      bench.keep(startScript("handler", [package_], cloud.environment)),
    );
    const queue = await makeQueue(bench, cloud);
    const empty = (many: number) => async (batch: number) => {
      await fill(queue, cloud);
      return drain(queue, functions.slice(0, many), batch);
    };
    const runs = await bench.pair<string, number, number>(
      "Throughput",
      Object.fromEntries(CONCURRENCIES.map((many) => [many, empty(many)])),
      BATCHES,
      ROUNDS,
    );
    const at = (many: number, batch: number) =>
      (runs[many] ?? []).map((round) => round[BATCHES.indexOf(batch)] ?? 0);
    const series = CONCURRENCIES.map((many) => ({
      name: many === 1 ? "1 function" : `${many} functions`,
      points: BATCHES.map((batch): [number, number] => [batch, spread(at(many, batch)).median]),
    }));
    const gain = ratio(at(1, 10), at(1, 1));
    return {
      text: [tableOf(series), "", noteOf(gain)].join("\n"),
      figures: { "batch-of-10": times(gain) },
      plots: {
        throughput: lines({
          x: "messages in a batch, at most",
          y: "images a second",
          series,
          ticks: BATCHES,
        }),
      },
    };
  },
};

function tableOf(series: readonly Series[]): string {
  return table(
    ["images a second", ...BATCHES.map((batch) => `batches of ${batch}`)],
    series.map(({ name, points }) => [name, ...points.map(([, value]) => value.toFixed(1))]),
  );
}

function noteOf(gain: Spread): string {
  return `A queue of ${IMAGES} photographs of 6 megapixels. The functions are processes running the package that SST ships. They share ${availableParallelism()} cores with S3 and SQS. In one function, batches of 10 are ${withSpread(gain)} as fast as single messages:
while one photograph is decoded, another waits for S3.`;
}

type Queue = { sqs: SQSClient; queueUrl: string; queueArn: string };

async function makeQueue(bench: Bench, { endpoint }: Cloud): Promise<Queue> {
  const sqs = new SQSClient({ ...LOCAL_ACCESS, endpoint });
  bench.keep({ stop: async () => sqs.destroy() });
  const { url, arn } = await createQueue(sqs, "bench", {});
  return { sqs, queueUrl: url, queueArn: arn };
}

async function fill({ sqs, queueUrl }: Queue, cloud: Cloud): Promise<void> {
  for (let i = 0; i < IMAGES; i++) {
    const [record] = eventOf([await cloud.upload(photograph)]).Records;
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: record?.body }));
  }
}

/** Lets each batch go to a function that is free, until there are no more. @returns images a second */
async function drain(queue: Queue, functions: readonly Worker[], batchSize: number): Promise<number> {
  const free = [...functions];
  let left = IMAGES;
  const start = performance.now();
  let mapping: EventSourceMapping | undefined;
  const end = await new Promise<number>((resolve, reject) => {
    mapping = startEventSourceMapping({
      ...{ ...queue, batchSize, maximumConcurrency: functions.length, functionName: "bench" },
      ...{ timeoutSeconds: limits.timeout, memoryMb: limits.memory, onError: reject },
      async handler({ Records }) {
        const function_ = free.pop();
        if (!function_) throw new Error("Expected no more invocations than functions.");
        await function_.ask({ Records });
        free.push(function_);
        left -= Records.length;
        if (left === 0) resolve(performance.now());
        return undefined;
      },
    });
  }).finally(() => mapping?.stop());
  return (1_000 * IMAGES) / (end - start);
}
