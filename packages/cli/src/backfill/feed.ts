import { setTimeout as delay } from "node:timers/promises";
import { ruleOf } from "@thumbsmith/shared";
import { depth } from "../deployment/dead-letters.ts";
import { pages } from "../deployment/listing.ts";
import { type Send, sendJobs } from "../deployment/sender.ts";
import type { Target } from "../deployment/target.ts";
import { countUnaccepted } from "../deployment/unaccepted.ts";
import type { Lane } from "./lanes.ts";
import { checkPage } from "./stale.ts";
import { sumOf, type Work, workOf } from "./work.ts";

/** Between two checks of a queue that is too long. */
const POLL_INTERVAL_MS = 2_000;

export interface Feed {
  target: Target;
  /** Whether every key is sent, without reading its manifest. */
  all: boolean;
  /** Messages that may wait in the queue before it is fed again. */
  backlog: number;
  /** Not set for a dry run. */
  send?: Send;
  signal: AbortSignal;
  onPage(page: {
    sources: number;
    stale: number;
    work: Work;
    read: number;
    unaccepted: number;
  }): Promise<void>;
}

/** Feeds the queue from a lane, a page at a time. A page counts once all of its messages are in the queue. */
export async function feed(lane: Lane, work: Feed): Promise<void> {
  const { target, signal } = work;
  if (signal.aborted) return;
  for await (const page of pages(target.s3, target.uploadsBucket, lane)) {
    const keys = page.map(({ key }) => key);
    const {
      sources,
      stale,
      work: toDo,
      read,
    } = work.all ? allOf(target, keys) : await checkPage(target, page, lane.prefix);
    if (work.send && stale.length > 0) {
      await untilShort(work);
      await sendJobs(work.send, target, stale, signal);
      if (signal.aborted) return;
    }
    lane.after = page.at(-1)?.key ?? lane.after;
    const unaccepted = countUnaccepted(target.config, keys);
    await work.onPage({ sources, stale: stale.length, work: toDo, read, unaccepted });
    if (signal.aborted) return;
  }
  lane.done = true;
}

function allOf({ config }: Target, keys: string[]) {
  const rules = keys.flatMap((key) => ruleOf(config, key) ?? []);
  const stale = keys.filter((key) => ruleOf(config, key));
  return { sources: stale.length, stale, work: sumOf(rules.map((rule) => workOf(rule))), read: 0 };
}

/** Waits until the queue is short: new uploads wait in the same queue, behind the backfill. */
async function untilShort({ target, backlog, signal }: Feed): Promise<void> {
  while (!signal.aborted && (await depth(target, target.queueUrl)).waiting > backlog) {
    await delay(POLL_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}
