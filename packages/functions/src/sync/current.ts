import { type Config, configHash, type Manifest, type Rule } from "@thumbsmith/shared";
import type { Observed } from "./observe.ts";
import { type Made, planByRecord, planOf } from "./plan.ts";
import type { Stored } from "./store.ts";

/** The source, the rule and the configuration that a current manifest is of. */
interface Wanted {
  source: Stored;
  rule: Rule;
  config: Config;
}

/** Whether reconciling would have nothing to do. */
export function isCurrent(observed: Observed, { source, rule, config }: Wanted): boolean {
  const { manifest, targets } = observed;
  if (!manifest || !isSame(manifest.source, source)) return false;
  if (manifest.outcome === "made") return planOf(observed, rule, manifest).isDone;
  return isRejectedBy(manifest, rule, config) && targets.every(({ etag }) => etag === undefined);
}

/** Whether a manifest was made with this configuration. It only compares what the manifest records, not the outputs. */
export function isMadeBy(manifest: Manifest, rule: Rule, config: Config): boolean {
  return manifest.outcome === "made"
    ? planByRecord(manifest, rule).isDone
    : isRejectedBy(manifest, rule, config);
}

/** The manifest of what was made before, if it is of this version of the source. */
export function madeOf({ manifest }: Observed, source: Identity): Made | undefined {
  return manifest?.outcome === "made" && isSame(manifest.source, source) ? manifest : undefined;
}

/** Whether the source was rejected because S3 could not return it. Once restored, the same version can be read. */
export function isUnreadable(manifest: Manifest): boolean {
  return manifest.outcome === "rejected" && manifest.reason.code === "not-readable";
}

/** The hash with which a rejection is current: it also depends on the limits. */
export const rejectionHash = (rule: Rule, { limits }: Config) => configHash(rule, limits);

type Identity = Pick<Stored, "etag" | "versionId">;

export const isSame = (a: Identity, b: Identity) => a.etag === b.etag && a.versionId === b.versionId;

function isRejectedBy(manifest: Manifest, rule: Rule, config: Config): boolean {
  return manifest.config === rejectionHash(rule, config);
}
