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
import { Conflict } from "./s3-errors.ts";
import type { Expected, Store } from "./store.ts";

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
  bucket: Store,
  key: string,
): Promise<{ manifest?: Manifest; etag?: string }> {
  const found = await bucket.get(key, MAX_MANIFEST_BYTES);
  return { etag: found?.etag, manifest: found?.body && parseManifest(Buffer.from(found.body).toString()) };
}

/** Whether the outputs that were seen are the very ones that the manifest records. */
export function areAsRecorded({ manifest, targets }: Observed): boolean {
  const etags = new Map(recordedOutputs(manifest).map((output) => [output.key, output.etag]));
  return targets.every((target) => target.etag === etags.get(target.key));
}

type SourceRecord = Omit<Extract<Manifest, { outcome: "rejected" }>["source"], "format">;

/** What every manifest is written of. */
interface Writing {
  bucket: Store;
  observed: Observed;
  source: SourceRecord;
  /** The hash of the rule, or of rule and limits, that a manifest is current with. */
  config: string;
}

/** Writes the outputs, takes away those that are no longer wanted, and last writes the manifest. */
export async function publish({
  bucket,
  observed,
  source,
  made,
  config,
}: Writing & { made: Thumbnails }): Promise<Manifest> {
  const puts = observed.targets.map(async ({ key, variant, etag }, i): Promise<OutputRecord> => {
    const output = made.outputs[i];
    if (!output) throw new ThumbsmithError("internal", `The core made no output for ${key}.`);
    const { bytes, ...facts } = output;
    const { contentType } = outputFormats[output.format];
    const headers = { contentType, cacheControl: variant.cacheControl };
    return {
      key,
      etag: await bucket.put(key, bytes, expectedAs(etag), headers),
      contentType,
      ...facts,
      bytes: bytes.length,
    };
  });
  const outputs = await settled(puts);
  await settled(observed.retired.map(({ key, etag }) => bucket.remove(key, { etag })));
  return record(bucket, observed, {
    ...heading(config),
    outcome: "made",
    source: { ...source, ...made.source },
    outputs,
    thumbHash: made.thumbHash,
    notes: made.notes,
  });
}

/** Takes the outputs away, and last writes the manifest that says why there are none. */
export async function reject({
  bucket,
  observed,
  source,
  reason: { code, message },
  config,
}: Writing & { reason: { code: RejectionCode; message: string } }): Promise<Manifest> {
  await removeOutputs(bucket, observed);
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
  await settled(removals);
  return removals.length > 0;
}

async function record(bucket: Store, observed: Observed, manifest: Manifest): Promise<Manifest> {
  const body = Buffer.from(JSON.stringify(manifest));
  await bucket.put(observed.manifestKey, body, expectedAs(observed.manifestEtag), {
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

const recordedOutputs = (manifest?: Manifest) => (manifest?.outcome === "made" ? manifest.outputs : []);

const expectedAs = (etag: string | undefined): Expected => (etag === undefined ? "absent" : { etag });

/**
 * Waits for every one, so that nothing is still under way when an error is thrown. A conflict is thrown last: another
 * round would mend it, but a write that was never answered may land after that, and only the queue mends it then.
 */
async function settled<T>(promises: Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(promises);
  const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
  if (errors.length > 0) throw errors.find((error) => !(error instanceof Conflict)) ?? errors[0];
  return Promise.all(promises);
}
