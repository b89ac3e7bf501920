import {
  type Manifest,
  manifestKey,
  outputKey,
  parseManifest,
  type Rule,
  ThumbsmithError,
  type Variant,
} from "@thumbsmith/shared";
import { settled } from "./settled.ts";
import type { Store } from "./store.ts";

/** A manifest has a few kilobytes. A larger object is not read. */
const MAX_MANIFEST_BYTES = 1_000_000;

/** The key of one variant's output, and the ETag that was observed there. */
export interface Target {
  key: string;
  variant: Variant;
  etag?: string;
}

/** A source's outputs and manifest, as observed. Writes are conditional on this: see {@link Expected}. */
export interface Observed {
  manifest?: Manifest;
  manifestKey: string;
  manifestEtag?: string;
  /** One for each variant, in the rule's order. Empty if a key is invalid. */
  targets: Target[];
  /** Why the targets have no keys. */
  unnameable?: ThumbsmithError;
  /** Recorded outputs that the rule no longer names. Without those whose ETag differs: they now belong to another source. */
  retired: { key: string; etag: string }[];
  /** Whether the outputs were assumed to be absent because there is no manifest, without a HEAD. */
  assumed: boolean;
}

/** What to observe, and how. */
export interface Observation {
  key: string;
  rule: Rule | undefined;
  /** The prefixes under which outputs may be removed. The function may not touch other objects. */
  reach: readonly string[];
  /** Whether to assume that there are no outputs if there is no manifest, which saves a new upload the HEADs. */
  mayAssume: boolean;
}

export async function observe(
  { key, rule, reach, mayAssume }: Observation,
  bucket: Store,
): Promise<Observed> {
  const at = manifestKey(key);
  const { manifest, etag: manifestEtag } = await readManifest(bucket, at);
  const { targets, unnameable } = rule ? nameTargets(key, rule) : { targets: [] };
  const assumed = mayAssume && manifestEtag === undefined;
  const stray = recordedOutputs(manifest)
    .filter((output) => !targets.some((target) => target.key === output.key))
    .filter((output) => reach.some((prefix) => output.key.startsWith(prefix)));
  const headAll = (outputs: { key: string }[]) => settled(outputs.map((output) => bucket.head(output.key)));
  const [seen, strayed] = await Promise.all([headAll(assumed ? [] : targets), headAll(stray)]);
  return {
    manifest,
    manifestKey: at,
    manifestEtag,
    targets: targets.map((target, i) => ({ ...target, etag: seen[i]?.etag })),
    unnameable,
    retired: stray.filter(({ etag }, i) => strayed[i]?.etag === etag),
    assumed,
  };
}

/** Reads the object at a manifest's key: its ETag if it exists, and the manifest if it can be parsed. */
export async function readManifest(
  bucket: Pick<Store, "get">,
  key: string,
): Promise<{ manifest?: Manifest; etag?: string }> {
  const found = await bucket.get(key, MAX_MANIFEST_BYTES);
  return { etag: found?.etag, manifest: found?.body && parseManifest(Buffer.from(found.body).toString()) };
}

/** The keys of a source's outputs, or the error if they have none. */
export function nameTargets(key: string, rule: Rule): Pick<Observed, "targets" | "unnameable"> {
  try {
    return { targets: rule.variants.map((variant) => ({ key: outputKey(rule, variant, key), variant })) };
  } catch (error) {
    if (error instanceof ThumbsmithError) return { targets: [], unnameable: error };
    throw error;
  }
}

const recordedOutputs = (manifest?: Manifest) => (manifest?.outcome === "made" ? manifest.outputs : []);
