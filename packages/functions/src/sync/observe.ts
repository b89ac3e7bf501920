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

/** A manifest is a few kilobytes; a larger object is none. */
const MAX_MANIFEST_BYTES = 1_000_000;

/** The place of one variant's output, and what was seen there. */
export interface Target {
  key: string;
  variant: Variant;
  etag?: string;
}

/** A source's outputs and manifest as they were seen. What is written rests on that: see {@link Expected}. */
export interface Observed {
  manifest?: Manifest;
  manifestKey: string;
  manifestEtag?: string;
  /** One for each variant, in the rule's order; none of them when a key cannot be given. */
  targets: Target[];
  /** Why the targets have no keys. */
  unnameable?: ThumbsmithError;
  /** What the manifest records and the rule no longer wants. Written since, it is another source's, and not here. */
  retired: { key: string; etag: string }[];
  /** There is no manifest, so the outputs were taken to be absent without a look. */
  assumed: boolean;
}

/** What to observe. */
export interface Observation {
  key: string;
  rule: Rule | undefined;
  /** The prefixes under which outputs may be removed: what lies elsewhere is not for the function to touch. */
  reach: readonly string[];
  /** Whether no manifest may stand for no outputs, which spares a new upload the HEADs. */
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

/** What lies at a manifest's key: its ETag, where there is an object, and what it says, where that can be read. */
export async function readManifest(
  bucket: Pick<Store, "get">,
  key: string,
): Promise<{ manifest?: Manifest; etag?: string }> {
  const found = await bucket.get(key, MAX_MANIFEST_BYTES);
  return { etag: found?.etag, manifest: found?.body && parseManifest(Buffer.from(found.body).toString()) };
}

/** Where a source's outputs go, or why they have no keys. */
export function nameTargets(key: string, rule: Rule): Pick<Observed, "targets" | "unnameable"> {
  try {
    return { targets: rule.variants.map((variant) => ({ key: outputKey(rule, variant, key), variant })) };
  } catch (error) {
    if (error instanceof ThumbsmithError) return { targets: [], unnameable: error };
    throw error;
  }
}

const recordedOutputs = (manifest?: Manifest) => (manifest?.outcome === "made" ? manifest.outputs : []);
