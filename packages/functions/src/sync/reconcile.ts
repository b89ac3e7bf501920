import { setTimeout as delay } from "node:timers/promises";
import {
  type Config,
  configHash,
  isRejection,
  type Limits,
  type Manifest,
  outputPrefixes,
  type RejectionCode,
  type Rule,
  ruleOf,
  ThumbsmithError,
} from "@thumbsmith/shared";
import { tooManyBytes } from "../image/rejections.ts";
import type { Thumbnails } from "../image/thumbnail.ts";
import { areAsRecorded, clear, type Observed, observe, publish, reject } from "./outputs.ts";
import { Conflict, type Fetched, type Store, type Stored } from "./store.ts";

/** Each lost race is somebody else's progress; this many in a row is worth a fresh start from the queue. */
const MAX_ROUNDS = 6;
/** Milliseconds, doubled each round, within which a loser leaves the winner alone. */
const PAUSE = 40;

/** What reconciling needs: the two buckets, the core, and what is wanted of them. */
export interface Workshop {
  config: Config;
  uploads: Store;
  thumbnails: Store;
  thumbnail: (bytes: Uint8Array, rule: Rule, limits: Limits) => Promise<Thumbnails>;
}

/** What a look at a key came to. */
export interface Outcome {
  /** `current`: nothing had to be written. `ignored`: no rule reads the key, and nothing was made of it before. */
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
  const look: Look = { key, rule, workshop, timed: stopwatch(phases), made: new Map() };
  for (let rounds = 1; rounds <= MAX_ROUNDS; rounds++) {
    try {
      const end = await round(look, rounds === 1);
      if (end) return { ...end, rule: rule?.prefix, rounds, phases };
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      await delay(Math.random() * PAUSE * 2 ** rounds);
    }
  }
  throw new ThumbsmithError("contended", `${key} changed during each of ${MAX_ROUNDS} attempts at it.`);
}

/** What the rounds have in common. */
interface Look {
  key: string;
  rule?: Rule;
  workshop: Workshop;
  timed: Stopwatch;
  /** What came of each version of the source: a slow one must not be made again because a condition failed. */
  made: Map<string, Thumbnails | Rejection>;
}

/** @returns how it ended, or nothing when it takes another round */
async function round(look: Look, first: boolean): Promise<End | undefined> {
  const { key, rule, timed } = look;
  const { config, uploads, thumbnails } = look.workshop;
  const observed = await timed("observe", observe(key, rule, thumbnails, outputPrefixes(config), first));
  // A rule that is no more, or no longer takes such names, leaves nothing behind.
  if (!rule) return { result: (await timed("write", clear(thumbnails, observed))) ? "removed" : "ignored" };
  const { manifest } = observed;
  if (manifest && !isUnreadable(manifest)) {
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
  if (source.refusal && manifest && stands(manifest, observed, source, rule, config)) {
    return { result: "current", manifest };
  }
  const made = await timed("make", makeOnce(look, rule, observed, source));
  // A rejection leaves the outputs' places empty: they have to be seen empty.
  if (made instanceof ThumbsmithError && observed.assumed) return;
  const stored = { etag: source.etag, versionId: source.versionId, bytes: source.bytes };
  const written = await timed("write", write(thumbnails, observed, { key, ...stored }, made, rule, config));
  const now = await timed("read", uploads.head(key));
  return now && isSame(now, source) ? { result: written.outcome, manifest: written } : undefined;
}

type Rejection = ThumbsmithError & { code: RejectionCode };

async function makeOnce(
  { made, workshop }: Look,
  rule: Rule,
  observed: Observed,
  source: Fetched,
): Promise<Thumbnails | Rejection> {
  // Restoring an object makes no other version of it.
  if (source.refusal) return source.refusal;
  const version = JSON.stringify([source.etag, source.versionId]);
  const outcome = made.get(version) ?? (await attempt(rule, observed, source, workshop));
  made.set(version, outcome);
  return outcome;
}

async function attempt(
  rule: Rule,
  { unnameable }: Observed,
  source: Fetched,
  { config, thumbnail }: Workshop,
): Promise<Thumbnails | Rejection> {
  try {
    if (unnameable) throw unnameable;
    if (!source.body) throw tooManyBytes(source.bytes, config.limits);
    return await thumbnail(source.body, rule, config.limits);
  } catch (error) {
    if (!isRejection(error)) throw error;
    return error.code === "not-an-image" && source.encoding ? encoded(source.encoding) : error;
  }
}

function encoded(encoding: string): Rejection {
  const message = `Expected the bytes of an image, found none under Content-Encoding: ${encoding}. Upload the image without it.`;
  return new ThumbsmithError("not-an-image", message) as Rejection;
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

/** Whether a look would find nothing to do. */
export function isCurrent(
  manifest: Manifest,
  observed: Observed,
  source: Stored,
  rule: Rule,
  config: Config,
): boolean {
  return isMadeBy(manifest, rule, config) && isSame(manifest.source, source) && areAsRecorded(observed);
}

/**
 * Whether a manifest holds for a source that S3 does not hand over. Thumbnails that were made of it before stay when a
 * variant has changed or is new: they cannot be made again until it is restored. Not so the outputs of a variant that
 * is no more: their keys may be another source's now.
 */
function stands(manifest: Manifest, observed: Observed, source: Stored, rule: Rule, config: Config): boolean {
  if (manifest.outcome === "rejected") return isCurrent(manifest, observed, source, rule, config);
  const keys = new Set(observed.targets.map((target) => target.key));
  const isNamed = manifest.outputs.every((output) => keys.has(output.key));
  return isNamed && isSame(manifest.source, source) && areAsRecorded(observed);
}

/** Whether it says that the source could not be read: it can be, without being another, once it is restored. */
function isUnreadable(manifest: Manifest): boolean {
  return manifest.outcome === "rejected" && manifest.reason.code === "not-readable";
}

/** Whether a manifest is of the configuration that holds now. */
export function isMadeBy(manifest: Manifest, rule: Rule, { limits }: Config): boolean {
  return manifest.config === (manifest.outcome === "made" ? configHash(rule) : configHash(rule, limits));
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
