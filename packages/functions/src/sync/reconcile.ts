import { setTimeout as delay } from "node:timers/promises";
import {
  type Config,
  configHash,
  isRejection,
  type Limits,
  type Manifest,
  outliveSource,
  outputPrefixes,
  type RejectionCode,
  type Rule,
  ruleOf,
  ThumbsmithError,
} from "@thumbsmith/shared";
import { tooManyBytes } from "../image/rejections.ts";
import type { Thumbnails } from "../image/thumbnail.ts";
import { isCurrent, isSame, isUnreadable, madeOf, rejectionHash } from "./current.ts";
import { type Observed, observe } from "./observe.ts";
import { clear, conserve, isConserved, publish, reject, standing } from "./outputs.ts";
import { type Made, type Plan, planOf } from "./plan.ts";
import { Conflict } from "./s3-errors.ts";
import type { Fetched, Store } from "./store.ts";

/** If another handler is faster in this many rounds, the job fails, and the queue retries it. */
const MAX_ROUNDS = 6;
/** The longest that a handler waits for the faster one to finish, which doubles each round. */
const BACKOFF_BASE_MS = 40;

/** What reconciling needs: the configuration, the two buckets, and the core. */
export interface Workshop {
  config: Config;
  uploads: Store;
  thumbnails: Store;
  /** @param rule the rule, with the upload's `x-amz-meta-focus` */
  thumbnail: (bytes: Uint8Array, rule: Rule & { focus?: string }, limits: Limits) => Promise<Thumbnails>;
}

/** The result of reconciling a key. */
export interface Outcome {
  /** `current`: nothing had to be written. `ignored`: no rule reads the key, and nothing was made of it before. */
  result: "made" | "rejected" | "removed" | "current" | "ignored";
  /** The prefix of the rule that reads the key. */
  rule?: string;
  rounds: number;
  /** Milliseconds of all rounds together. */
  phases: Record<Phase, number>;
  /** The manifest that the thumbnails bucket has now. */
  manifest?: Manifest;
}

type Phase = "observe" | "read" | "make" | "write";
/** How a round ended. `again`: something changed during it, or has to be observed first. */
type RoundResult = Pick<Outcome, "result" | "manifest"> | "again";

/**
 * Brings the outputs of one source in line with what is in the uploads bucket now.
 *
 * A round observes the outputs, then reads the source, then writes on the condition that the outputs are still as
 * observed, then checks the source again. So a write that succeeds read the source after every earlier write, and
 * a handler that was overtaken notices it: by the condition, by its last check, or because its message comes back.
 * The four steps, and why they suffice: docs/exactly-current.md.
 *
 * @throws ThumbsmithError of kind `failed`
 */
export async function reconcile(key: string, workshop: Workshop): Promise<Outcome> {
  const phases = { observe: 0, read: 0, make: 0, write: 0 };
  const rule = ruleOf(workshop.config, key);
  const state: Reconciliation = { key, rule, workshop, timed: stopwatch(phases), made: new Map() };
  for (let rounds = 1; rounds <= MAX_ROUNDS; rounds++) {
    try {
      const ended = await round(state, rounds === 1);
      if (ended !== "again") return { ...ended, rule: rule?.prefix, rounds, phases };
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      await delay(Math.random() * BACKOFF_BASE_MS * 2 ** rounds);
    }
  }
  throw new ThumbsmithError("contended", `${key} changed during each of ${MAX_ROUNDS} attempts.`);
}

/** What the rounds share. */
interface Reconciliation {
  key: string;
  rule?: Rule;
  workshop: Workshop;
  timed: Stopwatch;
  /** The thumbnails of each version of the source, so that a failed condition does not make slow ones again. */
  made: Map<string, Thumbnails | Rejection>;
}

async function round(state: Reconciliation, isFirst: boolean): Promise<RoundResult> {
  const { key, rule, timed } = state;
  const { config, uploads, thumbnails } = state.workshop;
  // 1. Observe. A first round without a manifest assumes that there are no outputs, which saves a new upload the HEADs.
  const reach = outputPrefixes(config);
  const observed = await timed("observe", observe({ key, rule, reach, mayAssume: isFirst }, thumbnails));
  // If the rule was removed, or no longer accepts the name, remove its outputs.
  if (!rule) return { result: (await timed("write", clear(thumbnails, observed))) ? "removed" : "ignored" };
  // 2. Read the source: first only its ETag, because many events are duplicates.
  const { manifest } = observed;
  if (manifest && !isUnreadable(manifest)) {
    const found = await timed("read", uploads.head(key));
    if (found && isCurrent(observed, { source: found, rule, config })) return { result: "current", manifest };
  }
  const source = await timed("read", uploads.get(key, config.limits.bytes));
  return source ? write(state, { source, rule, observed }) : remove(state, rule, observed);
}

interface Seen {
  source: Fetched;
  rule: Rule;
  observed: Observed;
}

/** Steps 3 and 4 for a source that is there: write, and check the source again. */
async function write(state: Reconciliation, seen: Seen): Promise<RoundResult> {
  const { source, rule, observed } = seen;
  const { key, timed, workshop } = state;
  const { config, uploads, thumbnails } = workshop;
  const before = madeOf(observed, source);
  if (source.refusal && isCurrent(observed, { source, rule, config }))
    return { result: "current", manifest: observed.manifest };
  if (source.refusal && before && standing(observed).length > 0) return keep(state, observed, before, source);
  const plan = planOf(observed, rule, before);
  const made = await timed("make", makeOnce(state, seen, plan, before));
  // A rejection must not leave outputs, so it may not assume that there are none.
  if (made instanceof ThumbsmithError && observed.assumed) return "again";
  const { etag, versionId, bytes } = source;
  const writing = { bucket: thumbnails, observed, source: { key, etag, versionId, bytes } };
  const written = await timed(
    "write",
    made instanceof ThumbsmithError
      ? reject({ ...writing, reason: made, config: rejectionHash(rule, config) })
      : publish({ ...writing, plan, made, config: configHash(rule) }),
  );
  const now = await timed("read", uploads.head(key));
  return now && isSame(now, source) ? { result: written.outcome, manifest: written } : "again";
}

/**
 * Steps 3 and 4 for a source that cannot be read: outputs that were made before are kept, if the rule still names them.
 * @param source a source that S3 does not return; undefined if it is deleted
 */
async function keep(
  { key, timed, workshop }: Reconciliation,
  observed: Observed,
  before: Made,
  source?: Fetched,
): Promise<RoundResult> {
  if (isConserved(observed)) return { result: "current", manifest: before };
  const left = await timed("write", conserve(workshop.thumbnails, observed, before));
  const now = await timed("read", workshop.uploads.head(key));
  const isStill = source ? now && isSame(now, source) : !now;
  return isStill ? { result: "removed", manifest: left } : "again";
}

/** Steps 3 and 4 for a source that is deleted. */
async function remove(state: Reconciliation, rule: Rule, observed: Observed): Promise<RoundResult> {
  const { key, timed, workshop } = state;
  const { manifest, manifestEtag, manifestKey: at, assumed } = observed;
  if (assumed) return "again";
  const outlives = outliveSource(rule, key);
  if (outlives && isConserved(observed)) return { result: "current", manifest };
  if (outlives) {
    // Since the manifest was observed, another handler may have made and recorded the source before it was deleted: then
    // its outputs have to be kept. A handler that records it later than this check finds the source deleted in step 4.
    const found = await timed("observe", workshop.thumbnails.head(at));
    if (found?.etag !== manifestEtag) return "again";
  }
  if (outlives && manifest?.outcome === "made" && standing(observed).length > 0)
    return keep(state, observed, manifest);
  const removed = await timed("write", clear(workshop.thumbnails, observed));
  if (!removed) return { result: "current" };
  return (await timed("read", workshop.uploads.head(key))) ? "again" : { result: "removed" };
}

type Rejection = ThumbsmithError & { code: RejectionCode };

async function makeOnce(
  { made, workshop }: Reconciliation,
  seen: Seen,
  { steps, needsHash, needsSource }: Plan,
  before?: Made,
): Promise<Thumbnails | Rejection> {
  const { source, rule } = seen;
  // Not remembered in `made`: once restored, the same version can be read.
  if (source.refusal) return source.refusal;
  if (before && !needsSource) return { source: before.source, outputs: [] };
  const variants = steps.filter(({ needs }) => needs === "bytes").map(({ target }) => target.variant);
  const wanted = { ...rule, variants, thumbHash: needsHash };
  const version = JSON.stringify([source.etag, source.versionId, wanted]);
  const outcome = made.get(version) ?? (await make(seen, wanted, workshop));
  made.set(version, outcome);
  return outcome;
}

async function make(
  { source, observed }: Seen,
  wanted: Rule,
  { config, thumbnail }: Workshop,
): Promise<Thumbnails | Rejection> {
  try {
    if (observed.unnameable) throw observed.unnameable;
    if (!source.body) throw tooManyBytes(source.bytes, config.limits);
    return await thumbnail(source.body, { ...wanted, focus: source.focus }, config.limits);
  } catch (error) {
    if (!isRejection(error)) throw error;
    return error.code === "not-an-image" && source.encoding ? encoded(source.encoding) : error;
  }
}

function encoded(encoding: string): Rejection {
  const message = `Expected the bytes of an image, found none under Content-Encoding: ${encoding}. Upload the image without it.`;
  return new ThumbsmithError("not-an-image", message) as Rejection;
}

type Stopwatch = <T>(phase: Phase, work: Promise<T>) => Promise<T>;

function stopwatch(phases: Record<Phase, number>): Stopwatch {
  return async (phase, work) => {
    const start = performance.now();
    try {
      return await work;
    } finally {
      phases[phase] += performance.now() - start;
    }
  };
}
