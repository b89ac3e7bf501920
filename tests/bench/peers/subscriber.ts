// The function with another configuration than the deployed one, or another core: the argument says which, as JSON.
import { setTimeout as delay } from "node:timers/promises";
import { createClient, createSubscriber, type Thumbnails, thumbnail } from "@thumbsmith/functions";
import {
  defineConfig,
  parseEnvironment,
  type Rule,
  type SourceFormat,
  type Variant,
} from "@thumbsmith/shared";
import type { Context, SQSEvent } from "aws-lambda";
import sharp from "sharp";
import { createTelemetry } from "../../../packages/functions/src/telemetry.ts";
import { answer, memory, timed } from "./serve.ts";

interface Options {
  /** What it makes from an upload. */
  variants: Variant[];
  core?: keyof typeof CORES;
  inHand?: number;
  /** Milliseconds that each call to S3 waits. */
  latency?: number;
}

const CORES = { thumbsmith: thumbnail, sharp: bySharp };
const options: Options = JSON.parse(process.argv[2] ?? "");
const { variants, core = "thumbsmith", inHand, latency } = options;

/** As in tutorials. The header is read for the manifest. */
async function bySharp(bytes: Uint8Array, { variants }: Pick<Rule, "variants">): Promise<Thumbnails> {
  const image = sharp(bytes);
  const { format, width, height } = await image.metadata();
  const outputs = variants.map(async ({ width, height, fit, quality }) => {
    const resized = image.clone().resize(width, height, { fit }).jpeg({ quality });
    const { data, info } = await resized.toBuffer({ resolveWithObject: true });
    return { bytes: data, format: "jpeg" as const, width: info.width, height: info.height };
  });
  return { source: { format: format as SourceFormat, width, height }, outputs: await Promise.all(outputs) };
}

const client = createClient();
client.middlewareStack.add(
  (next) => async (args) => {
    if (latency) await delay(latency);
    return next(args);
  },
  { step: "finalizeRequest" },
);
const telemetry = createTelemetry();
const subscriber = createSubscriber({
  config: defineConfig({ rules: [{ prefix: "uploads/", variants }] }),
  environment: parseEnvironment(process.env),
  client,
  report: telemetry.report,
  core: CORES[core],
  inHand,
});
const context = { getRemainingTimeInMillis: () => 60_000 } as Context;

await answer<SQSEvent>(async (event) => {
  const { result, ...taken } = await timed(async () => {
    telemetry.begin(context);
    return subscriber(event, context).finally(telemetry.end);
  });
  const { length } = result.batchItemFailures;
  if (length > 0) throw new Error(`${length} messages failed.`);
  return { ...memory(), ...taken };
});
