import { configHash, type Manifest, type OutputRecord, outputHash, type Rule } from "@thumbsmith/shared";
import { nameTargets, type Observed, type Target } from "./observe.ts";

export type Made = Extract<Manifest, { outcome: "made" }>;

/** A target, and what it needs: nothing, other headers on the same bytes, or to be made from the source. */
export type Step =
  | { target: Target; needs: "bytes" }
  | { target: Target; needs: "headers" | "nothing"; record: OutputRecord };

/** What to do for a source that a rule reads. */
export interface Plan {
  /** One for each target, in order. */
  steps: Step[];
  /** The recorded ThumbHash, if it stays. */
  thumbHash?: string;
  /** Whether a ThumbHash has to be made. */
  needsHash: boolean;
  /** The recorded notes, if any output stays. */
  notes?: string[];
  /** Whether the source's bytes are needed. */
  needsSource: boolean;
  /** Whether there is nothing to do: outputs and manifest are current. */
  isDone: boolean;
}

/**
 * Compares the wanted outputs with the existing ones, one by one, so that current outputs are not made again.
 * @param manifest the manifest of this version of the source, if there is one
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

/** The same without observing the outputs: they are assumed to be as the manifest records them. */
export function planByRecord(manifest: Made, rule: Rule): Plan {
  const { targets, unnameable } = nameTargets(manifest.source.key, rule);
  const etags = new Map(manifest.outputs.map(({ key, etag }) => [key, etag]));
  const seen = targets.map((target) => ({ ...target, etag: etags.get(target.key) }));
  return planOf({ targets: seen, unnameable }, rule, manifest);
}

/** Whether all outputs of a manifest are still named by the rule. */
export function namesWithin(manifest: Manifest, rule: Rule): boolean {
  if (manifest.outcome === "rejected") return true;
  const { targets } = nameTargets(manifest.source.key, rule);
  return manifest.outputs.every(({ key }) => targets.some((target) => target.key === key));
}

function stepsOf(targets: readonly Target[], rule: Rule, before?: Made): Step[] {
  const records = new Map(before?.outputs.map((record) => [record.key, record]));
  const isOld = before?.outputs.some(({ made }) => made === undefined);
  const isOfRule = isOld && before?.config === hashOfRecorded(targets, rule, records);
  return targets.map((target): Step => {
    const record = records.get(target.key);
    if (!record || record.etag !== target.etag) return { target, needs: "bytes" };
    if (record.made === undefined)
      return isOfRule ? { target, needs: "nothing", record } : { target, needs: "bytes" };
    if (record.made !== outputHash(target.variant)) return { target, needs: "bytes" };
    const needs = record.cacheControl === target.variant.cacheControl ? "nothing" : "headers";
    return { target, needs, record };
  });
}

/**
 * Manifests of release 0.1 have only a hash of the whole rule. If the rule has only gained variants since, that is the hash
 * of the present rule with just the variants that the manifest records.
 */
function hashOfRecorded(
  targets: readonly Target[],
  rule: Rule,
  records: ReadonlyMap<string, OutputRecord>,
): string {
  const recorded = targets.filter(({ key }) => records.has(key));
  return configHash({ ...rule, variants: recorded.map(({ variant }) => variant) });
}
