import pLimit from "p-limit";
import { type Checkpoint, fileOf, keepCheckpoint, nameOf, readCheckpoint } from "../backfill/checkpoint.ts";
import { type Feed, feed } from "../backfill/feed.ts";
import { type Lane, lanesOf } from "../backfill/lanes.ts";
import { price } from "../backfill/price.ts";
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
      .option("--prices <file>", PRICES_HELP)
      .option("--yes", "does not ask"),

  async run({ connect, options, signal }) {
    const prices = await readPrices(options.prices);
    const target = await connect();
    const which = options.all ? "every source" : "every source without current thumbnails";
    const question = `Send ${which} through the queue of ${target.label}, ${options.rate} a second?`;
    if (!options.dryRun && !(await agreed(question, options))) {
      return { found: false, data: { sent: 0 }, text: "Nothing was sent. --dry-run counts and prices it." };
    }
    const file = fileOf(target, options.checkpoint);
    const of = nameOf(target, { all: options.all });
    const stopped = options.fresh || options.dryRun ? undefined : await readCheckpoint(file, of);
    const begun = stopped ?? {
      of,
      looked: 0,
      sent: 0,
      unaccepted: 0,
      lanes: await lanesOf(target, target.config.rules),
    };
    const read = await fill(target, begun, file, options, signal);
    const bill = await price(target, begun, read, prices);
    const { looked, sent: stale, unaccepted } = begun;
    const data = { looked, stale, unaccepted, dryRun: options.dryRun === true, ...bill };
    return { found: false, data, text: describe(data, options, signal.aborted) };
  },
};

/** Runs the lanes, and writes down how far each is. @returns how many manifests were read */
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
      read += page.read;
      progress.note(
        `${count(checkpoint.looked)} looked at, ${count(checkpoint.sent)} ${options.dryRun ? "to send" : "sent"}`,
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

/** Runs some lanes at a time. One that fails ends the others, each after its page. */
async function runAll(
  lanes: Lane[],
  run: (lane: Lane) => Promise<void>,
  atOnce: number,
  failure: AbortController,
): Promise<void> {
  const limit = pLimit(atOnce);
  const runOrFail = (lane: Lane) =>
    run(lane).catch((error: unknown) => {
      failure.abort();
      throw error;
    });
  const ends = await Promise.allSettled(lanes.map((lane) => limit(runOrFail, lane)));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

interface Report extends Bill {
  looked: number;
  stale: number;
  /** Objects under the rules' prefixes whose names no rule accepts. */
  unaccepted: number;
  dryRun: boolean;
}

function describe(
  { looked, stale, unaccepted, dryRun, ...bill }: Report,
  { rate, all }: Options,
  stopped: boolean,
): string {
  const seen = all
    ? `${counted(looked, "source")} listed`
    : `${counted(looked, "source")} looked at, ${count(looked - stale)} current`;
  if (stopped) return `Stopped: ${seen}, ${count(stale)} sent. The same command goes on from here.`;
  const price = `about ${dollars(bill.total)} at list prices of ${bill.pricesOf}`;
  const others =
    unaccepted > 0
      ? `\nNot looked at: ${counted(unaccepted, "object")} with a name that no rule accepts.`
      : "";
  if (!dryRun) return `${seen}, ${count(stale)} sent: ${price}.${others}`;
  const time = `${duration(stale / rate)} at ${rate} a second`;
  return `${seen}, ${count(stale)} to send: ${time}, ${price}.${others}\n\n${describeBill(bill)}`;
}
