import { once } from "node:events";
import { basename, join, relative, resolve } from "node:path";
import {
  BUCKETS,
  CONFIG_FILE,
  LOCAL_PORT,
  type Pipeline,
  readConfig,
  ruleFor,
  startPipeline,
} from "@thumbsmith/local";
import { listSources, STUDIO_PORT, State, type Studio, startStudio, watchConfig } from "@thumbsmith/studio";
import { type Command, InvalidArgumentError } from "commander";
import open from "open";
import { printableLines } from "../terminal/printable.ts";
import { line } from "../terminal/results.ts";
import { whereTyped } from "../terminal/where-typed.ts";

/** `thumbsmith local`: runs the whole pipeline on this machine, with a page that shows it. */
export function addLocal(program: Command, signal: AbortSignal): void {
  program
    .command("local")
    .description(
      "Run the pipeline on this machine until you press Ctrl-C: a local S3, its queue, the handler, and a page " +
        "that shows them at work. It listens only on 127.0.0.1.",
    )
    .option("--directory <path>", "where to keep the buckets, as folders", ".thumbsmith/local")
    .option("--port <number>", "port of the local S3", portNumber, LOCAL_PORT)
    .option("--studio-port <number>", "port of the page", portNumber, STUDIO_PORT)
    .option("--config <path>", "the configuration, reloaded when you save it (default: thumbsmith.config.ts)")
    .option("--open", "open the page in your browser")
    .action((options: Omit<Options, "config"> & { config?: string }) => {
      const from = whereTyped();
      const config = options.config ? resolve(from, options.config) : CONFIG_FILE;
      return local({ ...options, directory: resolve(from, options.directory), config }, signal);
    });
}

interface Options {
  directory: string;
  port: number;
  studioPort: number;
  config: string;
  open?: true;
}

async function local(options: Options, signal: AbortSignal): Promise<void> {
  const config = await readConfig(options.config);
  const state = new State(config, basename(options.config));
  const running: { stop(): Promise<void> }[] = [];
  const keep = <T extends { stop(): Promise<void> }>(started: T): T => {
    running.unshift(started);
    return started;
  };
  try {
    const pipeline = keep(
      await startPipeline({
        ...options,
        config,
        watch: state.watch,
        report(report, messages) {
          state.report(report, messages);
          const text = line(report);
          if (text) console.log(text);
        },
      }),
    );
    state.configure(config, await listSources(pipeline.s3, config));
    const studio = keep(await startStudio(pipeline, state, options.studioPort));
    await pipeline.adopt();
    keep(await watchConfig(options.config, () => redeploy(options.config, pipeline, state)));
    console.log(welcome(options.directory, ruleFor(config).prefix, pipeline, studio));
    if (options.open) {
      await open(studio.origin).catch(() => console.log("Could not open a browser. Open the address above."));
    }
    // The messages that were queued when the last run stopped are lost.
    await pipeline.reconcileAll();
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    for (const started of running) await started.stop();
  }
}

function welcome(
  directory: string,
  prefix: string,
  { endpoint, region, credentials }: Pipeline,
  { origin }: Studio,
) {
  const { accessKeyId, secretAccessKey } = credentials;
  const folder = (bucket: string, below: string) =>
    relative(whereTyped(), join(directory, bucket, below)) || ".";
  return `See it at          ${origin}/
Copy an image into ${folder(BUCKETS.uploads, prefix)}
or upload it with  AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_REGION=${region} \\
                   aws --endpoint-url ${endpoint} s3 cp photo.jpg s3://${BUCKETS.uploads}/${prefix}
Thumbnails are in  ${folder(BUCKETS.thumbnails, "")}
Ctrl-C stops it; the folders stay.
`;
}

/** Reloads the saved configuration. If it is invalid, reports why and keeps the previous one. */
async function redeploy(path: string, pipeline: Pipeline, state: State): Promise<void> {
  try {
    const config = await readConfig(path);
    state.configure(config, await listSources(pipeline.s3, config));
    await pipeline.deploy(config);
    console.log(`${basename(path)} was reloaded: checking every source.`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    state.refuseConfig(message);
    console.log(`${printableLines(message)}\nThe previous configuration stays in use.`);
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError("Expected a port from 0 to 65535.");
}
