import { open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Report } from "@thumbsmith/functions";
import { type Config, formatOfName } from "@thumbsmith/shared";
import { BUCKETS } from "./buckets.ts";
import { type Pipeline, startPipeline } from "./pipeline.ts";
import type { SourceFile } from "./sources.ts";
import { endOf, type Result } from "./summary.ts";

const POLL_INTERVAL_MS = 50;

/** Reads an output through S3, as not every key is a file's name: one may have a line break, or be below another key. */
export type ReadOutput = (key: string) => Promise<Uint8Array>;

/**
 * Uploads files to a new pipeline, waits until its queue is empty, and stops it.
 * @param signal stops early: files that were not uploaded yet have no result
 * @param onEnd called for each source when its first job ends
 * @param show called with the results while the outputs can still be read
 * @returns the result of each file that was uploaded
 */
export async function runOnce(
  sources: readonly SourceFile[],
  config: Config,
  directory: string,
  signal: AbortSignal,
  onEnd: () => void,
  show: (results: readonly Result[], read: ReadOutput) => Promise<void>,
): Promise<Result[]> {
  const reports = new Map<string, Report>();
  const pipeline = await startPipeline({
    config,
    directory,
    report(report) {
      if (!reports.has(report.job.key)) onEnd();
      reports.set(report.job.key, report);
    },
  });
  try {
    const uploaded: Result[] = [];
    for (const source of sources) {
      if (signal.aborted) break;
      uploaded.push(await upload(source, pipeline));
    }
    await drain(pipeline, signal);
    const results = uploaded.map((result) => {
      const report = reports.get(result.key);
      return report ? { ...result, ...endOf(report) } : result;
    });
    await show(results, (key) => readOutput(pipeline, key));
    return results;
  } finally {
    await pipeline.stop();
  }
}

/** A file that cannot be read or is too large gets a result like the others: it must not end the run. */
async function upload({ path, key }: SourceFile, { s3 }: Pipeline): Promise<Result> {
  const result = { path, key, bytes: 0, outputs: [], milliseconds: 0 };
  const format = formatOfName(key);
  try {
    const bytes = await send(s3, path, { Key: key, ContentType: format && `image/${format}` });
    return { ...result, bytes, result: "failed", reason: "it got no event" };
  } catch (error) {
    return { ...result, result: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** @returns the number of bytes that were sent */
async function send(
  s3: S3Client,
  path: string,
  object: { Key: string; ContentType?: string },
): Promise<number> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const Body = file.createReadStream({ autoClose: false });
    const sent = new AbortController();
    // The SDK does not listen for errors of the stream, and an unhandled one would end the process.
    Body.once("error", (error) => sent.abort(error));
    const put = new PutObjectCommand({ Bucket: BUCKETS.uploads, Body, ContentLength: size, ...object });
    await s3.send(put, { abortSignal: sent.signal }).catch((error: unknown) => {
      throw Body.errored ?? error;
    });
    return size;
  } finally {
    await file.close();
  }
}

async function readOutput({ s3 }: Pipeline, Key: string): Promise<Uint8Array> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKETS.thumbnails, Key }));
  if (!Body) throw new Error(`Expected an object at ${Key}, found no body.`);
  return Body.transformToByteArray();
}

async function drain(pipeline: Pipeline, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await pipeline.backlog()).waiting > 0) await delay(POLL_INTERVAL_MS);
}
