import { Conflict, createStore } from "@thumbsmith/functions";
import type { Listed } from "../deployment/listing.ts";
import { createSender, sendJobs } from "../deployment/sender.ts";
import { commandLine, type Target } from "../deployment/target.ts";
import type { Operation } from "../operation.ts";
import { hasOutdated, outputsLeft, sourcesGone } from "../sweep/orphans.ts";
import { agreed } from "../terminal/confirm.ts";
import { wholeNumber } from "../terminal/numbers.ts";
import { count, counted, listed } from "../terminal/print.ts";
import { startProgress } from "../terminal/progress.ts";

/** Keys that a run holds in memory. The next run finds the rest. */
const MOST = 10_000;

interface Options {
  delete?: boolean;
  yes?: boolean;
  rate: number;
  olderThan: number;
}

interface Found {
  /** Sources that are gone: processing each, through the queue, removes what is left of it. */
  gone: string[];
  /** Outputs that no job would remove: they belong to no rule and no manifest. */
  unnamed: Listed[];
  /** Whether there may be more: the run reached its limit, or was interrupted. */
  more: boolean;
}

export const sweep: Operation<Options> = {
  name: "sweep",
  description: "Find outputs whose source is gone. Only lists them, unless you pass --delete.",
  examples: [
    "pnpm thumbsmith sweep --stage production             # shows what it would do",
    "pnpm thumbsmith sweep --stage production --delete",
  ],
  define: (command) =>
    command
      .option("--delete", "delete them")
      .option("--dry-run", "only list them (the default)")
      .option("--rate <number>", "keys to queue per second", wholeNumber, 50)
      .option(
        "--older-than <minutes>",
        "ignore outputs younger than this: their jobs may still be running",
        wholeNumber,
        60,
      )
      .option("--yes", "skip the confirmation"),

  async run({ connect, options, signal }) {
    const target = await connect();
    const found = await search(target, options.olderThan, signal);
    const blocked = found.unnamed.length > 0 && (await hasOutdated(target));
    const total = found.gone.length + found.unnamed.length;
    const question = `Delete the outputs of ${counted(found.gone.length, "missing source")}, and ${counted(found.unnamed.length, "output")} without a rule?`;
    const goOn = options.delete === true && total > 0 && !signal.aborted && (await agreed(question, options));
    let deleted = 0;
    if (goOn) {
      await sendJobs(createSender(target, options.rate, signal), target, found.gone, signal);
      deleted = blocked ? 0 : await removeAll(target, found.unnamed);
    }
    const left = goOn ? found.unnamed.length - deleted : total;
    const data = {
      gone: found.gone,
      unnamed: found.unnamed.map(({ key }) => key),
      blocked,
      looks: goOn ? found.gone.length : 0,
      deleted,
      more: found.more,
    };
    const backfill = commandLine(target, "backfill");
    return { found: left > 0 || found.more, data, text: describe(found, data, goOn, backfill) };
  },
};

async function search(target: Target, olderThan: number, signal: AbortSignal): Promise<Found> {
  const found: Found = { gone: [], unnamed: [], more: false };
  const before = Date.now() - olderThan * 60_000;
  const parts = [sourcesGone, outputsLeft];
  const progress = startProgress("Manifests, then outputs", parts.length);
  let looked = 0;
  try {
    for (const part of parts) {
      for await (const { objects, gone, unnamed } of part(target)) {
        found.gone.push(...gone);
        found.unnamed.push(...unnamed.filter(({ modified }) => modified.getTime() < before));
        found.more = signal.aborted || found.gone.length + found.unnamed.length >= MOST;
        if (found.more) return found;
        looked += objects;
        progress.note(`${count(looked)} checked`);
      }
      progress.tick();
    }
    return found;
  } finally {
    progress.stop();
  }
}

/** @returns how many were removed: an output that was written again since stays */
async function removeAll({ s3, thumbnailsBucket }: Target, outputs: Listed[]): Promise<number> {
  const store = createStore(s3, thumbnailsBucket);
  let removed = 0;
  for (const { key, etag } of outputs) {
    try {
      await store.remove(key, { etag });
      removed += 1;
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }
  return removed;
}

function describe(
  { gone, unnamed, more }: Found,
  { blocked, looks, deleted }: { blocked: boolean; looks: number; deleted: number },
  done: boolean,
  backfill: string,
): string {
  if (gone.length + unnamed.length === 0)
    return more ? "Stopped." : "Every output has its source, or its rule keeps it.";
  const stay = "Outputs of no rule stay for now: manifests of an older configuration may still name them.";
  return [
    ...listed("Missing sources that still have outputs", gone),
    ...listed(
      "Outputs of no rule and no manifest",
      unnamed.map(({ key }) => key),
    ),
    ...(blocked ? [`${stay} Update those first: ${backfill}`] : []),
    ...(more ? ["There may be more: run the command again."] : []),
    done
      ? `${counted(looks, "source")} queued for removal, ${counted(deleted, "output")} deleted.`
      : "Nothing was deleted. To delete them, pass --delete.",
  ].join("\n");
}
