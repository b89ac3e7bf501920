import { type Config, configHash, type Manifest, type Rule } from "@thumbsmith/shared";
import type { Observed } from "./observe.ts";
import { type Made, planByRecord, planOf } from "./plan.ts";
import type { Stored } from "./store.ts";

/** What a manifest must be of to be current. */
interface Wanted {
  source: Stored;
  rule: Rule;
  config: Config;
}

/** Whether reconciling would find nothing to do. */
export function isCurrent(observed: Observed, { source, rule, config }: Wanted): boolean {
  const { manifest, targets } = observed;
  if (!manifest || !isSame(manifest.source, source)) return false;
  if (manifest.outcome === "made") return planOf(observed, rule, manifest).isDone;
  return isRejectedBy(manifest, rule, config) && targets.every(({ etag }) => etag === undefined);
}

/** Whether a manifest is of the configuration that holds now, going by what it records. */
export function isMadeBy(manifest: Manifest, rule: Rule, config: Config): boolean {
  return manifest.outcome === "made"
    ? planByRecord(manifest, rule).isDone
    : isRejectedBy(manifest, rule, config);
}

/** What was made of this very source before. */
export function madeOf({ manifest }: Observed, source: Identity): Made | undefined {
  return manifest?.outcome === "made" && isSame(manifest.source, source) ? manifest : undefined;
}

/** Whether it says that the source could not be read: it can be, without being another, once it is restored. */
export function isUnreadable(manifest: Manifest): boolean {
  return manifest.outcome === "rejected" && manifest.reason.code === "not-readable";
}

/** What a rejection rests on. */
export const rejectionHash = (rule: Rule, { limits }: Config) => configHash(rule, limits);

type Identity = Pick<Stored, "etag" | "versionId">;

export const isSame = (a: Identity, b: Identity) => a.etag === b.etag && a.versionId === b.versionId;

function isRejectedBy(manifest: Manifest, rule: Rule, config: Config): boolean {
  return manifest.config === rejectionHash(rule, config);
}
