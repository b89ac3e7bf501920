import {
  type Manifest,
  manifestKey,
  type OutputRecord,
  outputFormats,
  outputKey,
  parseManifest,
  type RejectionCode,
  type Rule,
  ThumbsmithError,
  type Variant,
} from "@thumbsmith/shared";
import packageJson from "../../package.json" with { type: "json" };
import type { Thumbnails } from "../image/thumbnail.ts";
import { Conflict, type Expected, type Store } from "./store.ts";

/** A manifest is a few kilobytes; whatever is larger is none. */
const MAX_MANIFEST_BYTES = 1_000_000;

/** A source's outputs and manifest as they were seen. What is written rests on that: see {@link Expected}. */
export interface Observed {
  manifest?: Manifest;
  manifestKey: string;
  manifestEtag?: string;
  /** One for each variant, in the rule's order; none of them when a key cannot be given. */
  targets: { key: string; variant: Variant; etag?: string }[];
  /** Why the targets have no keys. */
  unnameable?: ThumbsmithError;
  /** What the manifest records and the rule no longer wants. Written since, it is another source's, and not here. */
  retired: { key: string; etag: string }[];
  /** There is no manifest, so the outputs were taken to be absent without a look. */
  assumed: boolean;
}

/**
 * @param reach the prefixes under which outputs may be removed: what lies elsewhere is not for the function to touch
 * @param mayAssume whether no manifest may stand for no outputs, which spares a new upload the looks
 */
export async function observe(
  key: string,
  rule: Rule | undefined,
  bucket: Store,
  reach: readonly string[],
  mayAssume: boolean,
): Promise<Observed> {
  const at = manifestKey(key);
  const { manifest, etag: manifestEtag } = await readManifest(bucket, at);
  const { targets, unnameable } = rule ? nameTargets(key, rule) : { targets: [] };
  const assumed = mayAssume && manifestEtag === undefined;
  const stray = recorded(manifest)
    .filter((output) => !targets.some((target) => target.key === output.key))
    .filter((output) => reach.some((prefix) => output.key.startsWith(prefix)));
  const look = (outputs: { key: string }[]) => all(outputs.map((output) => bucket.head(output.key)));
  const [seen, strayed] = await Promise.all([look(assumed ? [] : targets), look(stray)]);
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
  bucket: Store,
  key: string,
): Promise<{ manifest?: Manifest; etag?: string }> {
  const found = await bucket.get(key, MAX_MANIFEST_BYTES);
  return { etag: found?.etag, manifest: found?.body && parseManifest(Buffer.from(found.body).toString()) };
}

/** Whether the outputs that were seen are the very ones that the manifest records. */
export function areAsRecorded({ manifest, targets }: Observed): boolean {
  const etags = new Map(recorded(manifest).map((output) => [output.key, output.etag]));
  return targets.every((target) => target.etag === etags.get(target.key));
}

type SourceRecord = Omit<Extract<Manifest, { outcome: "rejected" }>["source"], "format">;

/** Writes the outputs, takes away those that are no longer wanted, and last writes the manifest. */
export async function publish(
  bucket: Store,
  observed: Observed,
  source: SourceRecord,
  made: Thumbnails,
  config: string,
): Promise<Manifest> {
  const puts = observed.targets.map(async ({ key, variant, etag }, i): Promise<OutputRecord> => {
    const output = made.outputs[i];
    if (!output) throw new ThumbsmithError("internal", `The core made no output for ${key}.`);
    const { bytes, ...facts } = output;
    const headers = {
      contentType: outputFormats[output.format].contentType,
      cacheControl: variant.cacheControl,
    };
    return { key, etag: await bucket.put(key, bytes, as(etag), headers), ...facts, bytes: bytes.length };
  });
  const outputs = await all(puts);
  await all(observed.retired.map(({ key, etag }) => bucket.remove(key, { etag })));
  return record(bucket, observed, {
    ...heading(config),
    outcome: "made",
    source: { ...source, ...made.source },
    outputs,
    thumbHash: made.thumbHash,
  });
}

/** Takes the outputs away, and last writes the manifest that says why there are none. */
export async function reject(
  bucket: Store,
  observed: Observed,
  source: SourceRecord,
  reason: { code: RejectionCode; message: string },
  config: string,
): Promise<Manifest> {
  await removeOutputs(bucket, observed);
  const { code, message } = reason;
  return record(bucket, observed, {
    ...heading(config),
    outcome: "rejected",
    source,
    reason: { code, message },
  });
}

/**
 * Takes the outputs away and the manifest last, since it alone knows of outputs that the rule no longer names.
 * @returns whether there was anything to take away
 */
export async function clear(bucket: Store, observed: Observed): Promise<boolean> {
  const removed = await removeOutputs(bucket, observed);
  if (!observed.manifestEtag) return removed;
  await bucket.remove(observed.manifestKey, { etag: observed.manifestEtag });
  return true;
}

async function removeOutputs(bucket: Store, { targets, retired }: Observed): Promise<boolean> {
  const removals = [...targets, ...retired].flatMap(({ key, etag }) =>
    etag ? [bucket.remove(key, { etag })] : [],
  );
  await all(removals);
  return removals.length > 0;
}

async function record(bucket: Store, observed: Observed, manifest: Manifest): Promise<Manifest> {
  const body = Buffer.from(JSON.stringify(manifest));
  await bucket.put(observed.manifestKey, body, as(observed.manifestEtag), {
    contentType: "application/json",
  });
  return manifest;
}

function heading(config: string) {
  return { version: 1, config, madeAt: new Date().toISOString(), release: packageJson.version } as const;
}

function nameTargets(key: string, rule: Rule): Pick<Observed, "targets" | "unnameable"> {
  try {
    return { targets: rule.variants.map((variant) => ({ key: outputKey(rule, variant, key), variant })) };
  } catch (error) {
    if (error instanceof ThumbsmithError) return { targets: [], unnameable: error };
    throw error;
  }
}

const recorded = (manifest?: Manifest) => (manifest?.outcome === "made" ? manifest.outputs : []);

const as = (etag: string | undefined): Expected => (etag === undefined ? "absent" : { etag });

/**
 * Waits for every one, so that nothing is still under way when an error is thrown. A conflict is thrown last: another
 * round would mend it, but a write that was never answered may land after that, and only the queue mends it then.
 */
async function all<T>(promises: Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(promises);
  const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
  if (errors.length > 0) throw errors.find((error) => !(error instanceof Conflict)) ?? errors[0];
  return Promise.all(promises);
}
