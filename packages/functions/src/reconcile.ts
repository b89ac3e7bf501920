import { setTimeout as delay } from "node:timers/promises";
import {
  type Config,
  configHash,
  isRejection,
  type Manifest,
  type RejectionCode,
  type Rule,
  ruleOf,
  ThumbsmithError,
} from "@thumbsmith/shared";
import { areAsRecorded, clear, type Observed, observe, publish, reject } from "./outputs.ts";
import { Conflict, type Store, type Stored } from "./store.ts";
import { type Thumbnails, type thumbnail, tooManyBytes } from "./thumbnail.ts";

/** Each lost race is somebody else's progress; this many in a row is worth a fresh start from the queue. */
const MAX_ROUNDS = 6;
/** Milliseconds, doubled each round, within which a loser leaves the winner alone. */
const PAUSE = 40;

/** What reconciling needs: the two buckets, the core, and what is wanted of them. */
export interface Workshop {
  config: Config;
  uploads: Store;
  thumbnails: Store;
  thumbnail: typeof thumbnail;
}

/** What a look at a key came to. */
export interface Outcome {
  /** `current`: nothing had to be written. `ignored`: no rule reads the key. */
  result: "made" | "rejected" | "removed" | "current" | "ignored";
  /** The prefix of the rule that reads the key. */
  rule?: string;
  rounds: number;
  /** Milliseconds, all rounds together. */
  phases: Record<Phase, number>;
  /** What the thumbnails bucket says of the source now. */
  manifest?: Manifest;
}

type Phase = "observe" | "read" | "make" | "write";
type End = Pick<Outcome, "result" | "manifest">;

/**
 * Brings the outputs of one source in line with what is in the uploads bucket now, whatever called for the look.
 *
 * A round observes the outputs, then reads the source, then writes on the condition that the outputs are still as
 * observed, then looks at the source again. So a write that succeeds read the source after every earlier write, and
 * a writer that was overtaken learns it: from the condition, from its second look, or from its message coming back.
 *
 * @throws ThumbsmithError of kind `failed`
 */
export async function reconcile(key: string, workshop: Workshop): Promise<Outcome> {
  const phases = { observe: 0, read: 0, make: 0, write: 0 };
  const rule = ruleOf(workshop.config, key);
  if (!rule) return { result: "ignored", rounds: 0, phases };
  for (let rounds = 1; rounds <= MAX_ROUNDS; rounds++) {
    try {
      const end = await round(key, rule, workshop, stopwatch(phases), rounds === 1);
      if (end) return { ...end, rule: rule.prefix, rounds, phases };
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      await delay(Math.random() * PAUSE * 2 ** rounds);
    }
  }
  throw new ThumbsmithError("contended", `${key} changed during each of ${MAX_ROUNDS} attempts at it.`);
}

/** @returns how it ended, or nothing when it takes another round */
async function round(
  key: string,
  rule: Rule,
  workshop: Workshop,
  timed: Stopwatch,
  first: boolean,
): Promise<End | undefined> {
  const { config, uploads, thumbnails } = workshop;
  const observed = await timed("observe", observe(key, rule, thumbnails, first));
  const { manifest } = observed;
  if (manifest) {
    const found = await timed("read", uploads.head(key));
    if (found && isCurrent(manifest, observed, found, rule, config)) return { result: "current", manifest };
  }
  const source = await timed("read", uploads.get(key, config.limits.bytes));
  if (!source && observed.assumed) return;
  if (!source) {
    const removed = await timed("write", clear(thumbnails, observed));
    if (!removed) return { result: "current" };
    return (await timed("read", uploads.head(key))) ? undefined : { result: "removed" };
  }
  const made = await timed("make", attempt(rule, observed, source, workshop));
  // A rejection leaves the outputs' places empty: they have to be seen empty.
  if (made instanceof ThumbsmithError && observed.assumed) return;
  const { body: _, ...stored } = source;
  const written = await timed("write", write(thumbnails, observed, { key, ...stored }, made, rule, config));
  const now = await timed("read", uploads.head(key));
  return now && isSame(now, source) ? { result: written.outcome, manifest: written } : undefined;
}

type Rejection = ThumbsmithError & { code: RejectionCode };

async function attempt(
  rule: Rule,
  { unnameable }: Observed,
  source: Stored & { body?: Uint8Array },
  { config, thumbnail }: Workshop,
): Promise<Thumbnails | Rejection> {
  try {
    if (unnameable) throw unnameable;
    if (!source.body) throw tooManyBytes(source.bytes, config.limits);
    return await thumbnail(source.body, rule, config.limits);
  } catch (error) {
    if (isRejection(error)) return error;
    throw error;
  }
}

function write(
  bucket: Store,
  observed: Observed,
  source: Stored & { key: string },
  made: Thumbnails | Rejection,
  rule: Rule,
  { limits }: Config,
): Promise<Manifest> {
  return made instanceof ThumbsmithError
    ? reject(bucket, observed, source, made, configHash(rule, limits))
    : publish(bucket, observed, source, made, configHash(rule));
}

function isCurrent(
  manifest: Manifest,
  observed: Observed,
  source: Stored,
  rule: Rule,
  { limits }: Config,
): boolean {
  const hash = manifest.outcome === "made" ? configHash(rule) : configHash(rule, limits);
  return manifest.config === hash && isSame(manifest.source, source) && areAsRecorded(observed);
}

type Identity = Pick<Stored, "etag" | "versionId">;

const isSame = (a: Identity, b: Identity) => a.etag === b.etag && a.versionId === b.versionId;

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
