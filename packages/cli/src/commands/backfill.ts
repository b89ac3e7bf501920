import { startProgress } from "@thumbsmith/local";
import pLimit from "p-limit";
import { type Checkpoint, fileOf, keepCheckpoint, nameOf, readCheckpoint } from "../backfill/checkpoint.ts";
import { type Feed, feed } from "../backfill/feed.ts";
import { type Lane, lanesOf } from "../backfill/lanes.ts";
import { price } from "../backfill/price.ts";
import { agreed } from "../confirm.ts";
import { wholeNumber } from "../numbers.ts";
import type { Operation } from "../operation.ts";
import { count, counted } from "../print.ts";
import { createSender } from "../sender.ts";
import type { Target } from "../target.ts";

interface Options {
  all?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  fresh?: boolean;
  checkpoint?: string;
  rate: number;
  backlog: number;
  parallel: number;
}

export const backfill: Operation<Options> = {
  name: "backfill",
  description:
    "Makes the thumbnails of what was there before, or of all after a change of the configuration. " +
    "It can be stopped at any time, and goes on where it was.",
  examples: [
    "pnpm thumbsmith backfill --stage production --dry-run",
    "pnpm thumbsmith backfill --stage production --rate 200",
    "pnpm thumbsmith backfill --local --all --yes",
  ],
  define: (command) =>
    command
      .option("--dry-run", "looks, counts and prices, and sends nothing")
      .option(
        "--all",
        "sends every key without a look at its manifest: fewer requests now, more in the function",
      )
      .option("--rate <number>", "keys a second that are put into the queue", wholeNumber, 50)
      .option(
        "--backlog <number>",
        "waits while more than so many messages wait, so that uploads need not",
        wholeNumber,
        1_000,
      )
      .option("--parallel <number>", "parts of the bucket that are listed at once", wholeNumber, 8)
      .option("--fresh", "begins again, though a run was stopped half-way")
      .option("--checkpoint <file>", "where it notes how far it is (default: in .thumbsmith)")
      .option("--yes", "does not ask"),

  async run({ connect, options, signal }) {
    const target = await connect();
    const question = `Send every source of ${target.label} whose thumbnails are not current through the queue, ${options.rate} a second?`;
    if (!options.dryRun && !(await agreed(question, options))) {
      return { found: false, data: { sent: 0 }, text: "Nothing was sent. --dry-run counts and prices it." };
    }
    const file = options.checkpoint ?? fileOf(target);
    const of = nameOf(target, { all: options.all });
    const stopped = options.fresh || options.dryRun ? undefined : await readCheckpoint(file, of);
    const begun = stopped ?? { of, looked: 0, sent: 0, lanes: await lanesOf(target, target.config.rules) };
    const read = await fill(target, begun, file, options, signal);
    const bill = await price(target, begun, read);
    const data = { looked: begun.looked, stale: begun.sent, dryRun: options.dryRun === true, ...bill };
    return { found: false, data, text: describe(data, options, signal.aborted) };
  },
};

/** Runs the lanes, and writes down how far each is. */
async function fill(
  target: Target,
  checkpoint: Checkpoint,
  file: string,
  options: Options,
  signal: AbortSignal,
) {
  const { lanes } = checkpoint;
  const open = lanes.filter(({ done }) => !done);
  const kept = options.dryRun ? undefined : keepCheckpoint(file, checkpoint);
  const progress = startProgress("Parts of the bucket", lanes.length);
  for (const { done } of lanes) if (done) progress.tick();
  let read = 0;
  const failure = new AbortController();
  const work: Feed = {
    target,
    all: options.all === true,
    backlog: options.backlog,
    send: options.dryRun ? undefined : createSender(target, options.rate, signal),
    signal: AbortSignal.any([signal, failure.signal]),
    async onPage(page) {
      checkpoint.looked += page.sources;
      checkpoint.sent += page.stale;
      read += page.read;
      progress.note(
        `${count(checkpoint.looked)} looked at, ${count(checkpoint.sent)} ${options.dryRun ? "to send" : "sent"}`,
      );
      await kept?.note();
    },
  };
  const limit = pLimit(options.parallel);
  const run = (lane: Lane) =>
    feed(lane, work).then(progress.tick, (error: unknown) => {
      failure.abort();
      throw error;
    });
  try {
    const ends = await Promise.allSettled(open.map((lane) => limit(run, lane)));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  } finally {
    progress.stop();
    await kept?.end(lanes.every(({ done }) => done));
  }
  return read;
}

interface Report {
  looked: number;
  stale: number;
  dryRun: boolean;
  total: number;
  prices: string;
}

function describe(
  { looked, stale, dryRun, total, prices }: Report,
  { rate }: Options,
  stopped: boolean,
): string {
  const current = `${counted(looked, "source")} looked at, ${count(looked - stale)} current`;
  const price = `about $${total.toFixed(2)} (${prices})`;
  if (dryRun) {
    return `${current}, ${count(stale)} to send: ${price}, ${duration(stale / rate)} at ${rate} a second.`;
  }
  if (stopped) return `Stopped: ${current}, ${count(stale)} sent. The same command goes on from here.`;
  return `${current}, ${count(stale)} sent: ${price}. Watch them: pnpm thumbsmith status`;
}

function duration(seconds: number): string {
  if (seconds < 120) return counted(Math.ceil(seconds), "second");
  if (seconds < 2 * 60 * 60) return counted(Math.ceil(seconds / 60), "minute");
  return seconds < 48 * 60 * 60
    ? counted(Math.ceil(seconds / 3_600), "hour")
    : counted(Math.ceil(seconds / 86_400), "day");
}
