import { configHash, type Manifest, type OutputRecord, outputHash, type Rule } from "@thumbsmith/shared";
import { nameTargets, type Observed, type Target } from "./observe.ts";

export type Made = Extract<Manifest, { outcome: "made" }>;

/** A target, and what it needs: nothing, the bytes that it has with other headers, or to be made of the source. */
export type Step =
  | { target: Target; needs: "bytes" }
  | { target: Target; needs: "headers" | "nothing"; record: OutputRecord };

/** What there is to do about a source whose outputs are wanted. */
export interface Plan {
  /** One for each target, in order. */
  steps: Step[];
  /** The ThumbHash that stays. */
  thumbHash?: string;
  /** Whether one has to be made. */
  needsHash: boolean;
  /** What was noted as the outputs were made that stay. */
  notes?: string[];
  /** Whether it takes the source's bytes. */
  needsSource: boolean;
  /** Whether there is nothing to do: outputs and manifest are as they should be. */
  isDone: boolean;
}

/**
 * Compares what is wanted with what there is, output by output: what stands is left as it is.
 * @param manifest that of this very source, if it has one
 */
export function planOf(
  { targets, unnameable }: Pick<Observed, "targets" | "unnameable">,
  rule: Rule,
  manifest?: Made,
): Plan {
  const before = manifest && rule.formats.includes(manifest.source.format) ? manifest : undefined;
  const steps = stepsOf(targets, rule, before);
  const thumbHash = rule.thumbHash ? before?.thumbHash : undefined;
  const needsHash = rule.thumbHash && thumbHash === undefined;
  const needsSource = needsHash || unnameable !== undefined || steps.some(({ needs }) => needs === "bytes");
  const isWritten = !needsSource && steps.every(({ needs }) => needs === "nothing");
  const isRecorded = before?.outputs.length === steps.length && before.thumbHash === thumbHash;
  const notes = steps.some(({ needs }) => needs !== "bytes") ? before?.notes : undefined;
  return { steps, thumbHash, needsHash, notes, needsSource, isDone: isWritten && isRecorded };
}

/** The same, for who has seen only the manifest and takes the outputs to be as it records them. */
export function planByRecord(manifest: Made, rule: Rule): Plan {
  const { targets, unnameable } = nameTargets(manifest.source.key, rule);
  const etags = new Map(manifest.outputs.map(({ key, etag }) => [key, etag]));
  const seen = targets.map((target) => ({ ...target, etag: etags.get(target.key) }));
  return planOf({ targets: seen, unnameable }, rule, manifest);
}

/** Whether a manifest names only outputs that the rule gives its source. */
export function namesWithin(manifest: Manifest, rule: Rule): boolean {
  if (manifest.outcome === "rejected") return true;
  const { targets } = nameTargets(manifest.source.key, rule);
  return manifest.outputs.every(({ key }) => targets.some((target) => target.key === key));
}

function stepsOf(targets: readonly Target[], rule: Rule, before?: Made): Step[] {
  const records = new Map(before?.outputs.map((record) => [record.key, record]));
  const isOfRule = () => before?.config === hashOfRecorded(targets, rule, records);
  return targets.map((target): Step => {
    const record = records.get(target.key);
    if (!record || record.etag !== target.etag) return { target, needs: "bytes" };
    if (record.made === undefined)
      return isOfRule() ? { target, needs: "nothing", record } : { target, needs: "bytes" };
    if (record.made !== outputHash(target.variant)) return { target, needs: "bytes" };
    const needs = record.cacheControl === target.variant.cacheControl ? "nothing" : "headers";
    return { target, needs, record };
  });
}

/**
 * The manifests of release 0.1 have only a hash of the whole rule. It is that of the present rule, but for the variants
 * that they do not record, if those are all that is new.
 */
function hashOfRecorded(
  targets: readonly Target[],
  rule: Rule,
  records: ReadonlyMap<string, OutputRecord>,
): string {
  const recorded = targets.filter(({ key }) => records.has(key));
  return configHash({ ...rule, variants: recorded.map(({ variant }) => variant) });
}
