import {
  type Manifest,
  type OutputFormat,
  type OutputRecord,
  outputFormats,
  outputHash,
  type RejectionCode,
  type SourceRecord,
  ThumbsmithError,
  type Variant,
} from "@thumbsmith/shared";
import packageJson from "../../package.json" with { type: "json" };
import type { Output, Thumbnails } from "../image/thumbnail.ts";
import type { Observed } from "./observe.ts";
import type { Made, Plan, Step } from "./plan.ts";
import { Conflict } from "./s3-errors.ts";
import { settled } from "./settled.ts";
import type { Expected, PutHeaders, Store } from "./store.ts";

/** What every manifest is written from. */
interface Writing {
  bucket: Store;
  observed: Observed;
  source: SourceRecord;
  /** The hash of the rule, or of rule and limits, with which the manifest is current. */
  config: string;
}

/** Writes the outputs that need it, removes those that are no longer wanted, and writes the manifest last. */
export async function publish({
  bucket,
  observed,
  source,
  plan,
  made,
  config,
}: Writing & { plan: Plan; made: Thumbnails }): Promise<Manifest> {
  const toMake = plan.steps.filter(({ needs }) => needs === "bytes");
  const outputs = await settled(
    plan.steps.map((step) => write(bucket, step, made.outputs[toMake.indexOf(step)])),
  );
  await settled(observed.retired.map(({ key, etag }) => bucket.remove(key, { etag })));
  return record(bucket, observed, {
    ...heading(config),
    outcome: "made",
    source: { ...source, ...made.source },
    outputs,
    thumbHash: plan.thumbHash ?? made.thumbHash,
    notes: made.notes ?? plan.notes,
  });
}

async function write(bucket: Store, step: Step, output?: Output): Promise<OutputRecord> {
  const { key, variant, etag } = step.target;
  const made = outputHash(variant);
  if (step.needs !== "bytes") {
    const { record } = step;
    const headers = headersOf(record.format, variant);
    const written = step.needs === "headers" ? await writeAgain(bucket, record, headers) : record.etag;
    return { ...record, etag: written, ...headers, made };
  }
  if (!output) throw new ThumbsmithError("internal", `The core made no output for ${key}.`);
  const { bytes, ...facts } = output;
  const headers = headersOf(output.format, variant);
  const written = await bucket.put(key, bytes, expectedAs(etag), headers);
  return { key, etag: written, ...headers, ...facts, bytes: bytes.length, made };
}

/** Writes the same bytes with other headers. S3 cannot change headers, and a copy would need the right to read tags. */
async function writeAgain(bucket: Store, { key, etag, bytes }: OutputRecord, headers: PutHeaders) {
  const found = await bucket.get(key, bytes);
  if (!found?.body || found.etag !== etag) throw new Conflict(`${key} changed since it was observed.`);
  return bucket.put(key, found.body, { etag }, headers);
}

function headersOf(format: OutputFormat, { cacheControl }: Variant): PutHeaders {
  return { contentType: outputFormats[format].contentType, cacheControl };
}

/** Removes the outputs, and last writes the manifest that says why there are none. */
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

/** The outputs that can be kept if the source cannot be read: recorded, still named by the rule, and unchanged. */
export function standing({ manifest, targets }: Observed): OutputRecord[] {
  if (manifest?.outcome !== "made") return [];
  return manifest.outputs.filter(({ key, etag }) =>
    targets.some((target) => target.key === key && target.etag === etag),
  );
}

/** Whether a source has only outputs that are kept, and its manifest lists exactly these. */
export function isConserved(observed: Observed): boolean {
  const { manifest } = observed;
  const { targets, retired } = withoutStanding(observed);
  const isRecorded = manifest?.outcome === "made" && manifest.outputs.length === standing(observed).length;
  return isRecorded && retired.length === 0 && targets.every(({ etag }) => etag === undefined);
}

/**
 * Keeps the {@link standing} outputs of a source that cannot be read, removes the others, and writes the manifest last.
 * Except for its list of outputs, the manifest stays the same: it says what they were made with.
 */
export async function conserve(bucket: Store, observed: Observed, made: Made): Promise<Manifest> {
  await removeOutputs(bucket, withoutStanding(observed));
  return record(bucket, observed, { ...made, outputs: standing(observed) });
}

function withoutStanding(observed: Observed): Observed {
  const stays = new Set(standing(observed).map(({ key }) => key));
  return { ...observed, targets: observed.targets.filter(({ key }) => !stays.has(key)) };
}

/**
 * Removes the outputs, then the manifest: only the manifest lists outputs that the rule no longer names, so if a handler
 * crashed after removing it first, these would stay.
 * @returns whether there was anything to remove
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

const expectedAs = (etag: string | undefined): Expected => (etag === undefined ? "absent" : { etag });
