import { Semaphore } from "async-mutex";
import { type Checkpoint, fileOf, keepCheckpoint, nameOf, readCheckpoint } from "../backfill/checkpoint.ts";
import { type Feed, feed } from "../backfill/feed.ts";
import { type Lane, lanesOf } from "../backfill/lanes.ts";
import { price } from "../backfill/price.ts";
import { NO_WORK, sumOf, type Work } from "../backfill/work.ts";
import { type Bill, describeBill } from "../cost/bill.ts";
import { PRICES_HELP, readPrices } from "../cost/prices.ts";
import { createSender } from "../deployment/sender.ts";
import type { Target } from "../deployment/target.ts";
import type { Operation } from "../operation.ts";
import { agreed } from "../terminal/confirm.ts";
import { wholeNumber } from "../terminal/numbers.ts";
import { count, counted, dollars, duration } from "../terminal/print.ts";
import { startProgress } from "../terminal/progress.ts";

interface Options {
  all?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  fresh?: boolean;
  checkpoint?: string;
  prices?: string;
  rate: number;
  backlog: number;
  parallel: number;
}

export const backfill: Operation<Options> = {
  name: "backfill",
  description:
    "Make thumbnails of existing images, or update them after you changed the configuration. " +
    "Stop it at any time; the same command resumes.",
  examples: [
    "pnpm thumbsmith backfill --stage production --dry-run",
    "pnpm thumbsmith backfill --stage production --rate 200",
    "pnpm thumbsmith backfill --local --all --yes",
  ],
  define: (command) =>
    command
      .option("--dry-run", "count and price the work, without doing it")
      .option(
        "--all",
        "send every key without reading its manifest: fewer requests here, more in the function",
      )
      .option("--rate <number>", "keys to queue per second", wholeNumber, 50)
      .option(
        "--backlog <number>",
        "pause while more messages than this are waiting, so that new uploads go first",
        wholeNumber,
        1_000,
      )
      .option("--parallel <number>", "parts of the bucket to list at once", wholeNumber, 8)
      .option("--fresh", "start over instead of resuming a stopped run")
      .option("--checkpoint <file>", "file that records progress (default: in .thumbsmith)")
      .option("--prices <file>", PRICES_HELP)
      .option("--yes", "skip the confirmation"),

  async run({ connect, options, signal }) {
    const prices = await readPrices(options.prices);
    const target = await connect();
    const which = options.all ? "every source" : "every source without current thumbnails";
    const question = `Queue ${which} of ${target.label}, ${options.rate} a second?`;
    if (!options.dryRun && !(await agreed(question, options))) {
      return {
        found: false,
        data: { sent: 0 },
        text: "Nothing was sent. --dry-run shows how much there is to do, and the price.",
      };
    }
    const file = fileOf(target, options.checkpoint);
    const of = nameOf(target, { all: options.all });
    const stopped = options.fresh || options.dryRun ? undefined : await readCheckpoint(file, of);
    const begun = stopped ?? {
      of,
      looked: 0,
      sent: 0,
      unaccepted: 0,
      work: NO_WORK,
      lanes: await lanesOf(target, target.config.rules),
    };
    const read = await fill(target, begun, file, options, signal);
    const bill = await price(target, begun, read, prices);
    const { looked, sent: stale, unaccepted, work } = begun;
    const data = { looked, stale, outputs: work, unaccepted, dryRun: options.dryRun === true, ...bill };
    return { found: false, data, text: describe(data, options, signal.aborted) };
  },
};

/** Runs the lanes, and records the progress of each. @returns how many manifests were read */
async function fill(
  target: Target,
  checkpoint: Checkpoint,
  file: string,
  options: Options,
  signal: AbortSignal,
): Promise<number> {
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
      checkpoint.unaccepted += page.unaccepted;
      checkpoint.work = sumOf([checkpoint.work, page.work]);
      read += page.read;
      progress.note(
        `${count(checkpoint.looked)} checked, ${count(checkpoint.sent)} ${options.dryRun ? "to send" : "sent"}`,
      );
      await kept?.note();
    },
  };
  const run = (lane: Lane) => feed(lane, work).then(progress.tick);
  try {
    await runAll(open, run, options.parallel, failure);
  } finally {
    progress.stop();
    await kept?.end(lanes.every(({ done }) => done));
  }
  return read;
}

/** Runs a few lanes at a time. If one fails, the others stop after their current page. */
async function runAll(
  lanes: Lane[],
  run: (lane: Lane) => Promise<void>,
  atOnce: number,
  failure: AbortController,
): Promise<void> {
  const limit = new Semaphore(atOnce);
  const runOrFail = (lane: Lane) =>
    run(lane).catch((error: unknown) => {
      failure.abort();
      throw error;
    });
  const ends = await Promise.allSettled(lanes.map((lane) => limit.runExclusive(() => runOrFail(lane))));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

interface Report extends Bill {
  looked: number;
  stale: number;
  outputs: Work;
  /** Objects under the rules' prefixes whose names or paths no rule reads. */
  unaccepted: number;
  dryRun: boolean;
}

function describe(
  { looked, stale, outputs, unaccepted, dryRun, ...bill }: Report,
  { rate, all }: Options,
  stopped: boolean,
): string {
  const seen = all
    ? `${counted(looked, "source")} listed`
    : `${counted(looked, "source")} checked, ${count(looked - stale)} current`;
  if (stopped) return `Stopped: ${seen}, ${count(stale)} sent. Run the same command to resume.`;
  const price = `about ${dollars(bill.total)} at list prices of ${bill.pricesOf}`;
  const others =
    unaccepted > 0 ? `\nSkipped: ${counted(unaccepted, "object")} that no rule reads, by name or path.` : "";
  if (!dryRun) return `${seen}, ${count(stale)} sent: ${price}.${others}`;
  const time = `${duration(stale / rate)} at ${rate} a second`;
  return `${seen}, ${count(stale)} to send: ${time}, ${price}.${describeWork(outputs, all)}${others}\n\n${describeBill(bill)}`;
}

function describeWork({ make, headers, stand }: Work, all = false): string {
  if (all) return `\nOutputs: at most ${count(make)} to make.`;
  return `\nOutputs: ${count(make)} to make, ${count(headers)} to rewrite with new headers, ${count(stand)} to leave as they are.`;
}
