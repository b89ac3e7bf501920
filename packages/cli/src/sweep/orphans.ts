import { namesWithin } from "@thumbsmith/functions";
import {
  type Config,
  MANIFEST_PREFIX,
  type Manifest,
  manifestKey,
  outliveSource,
  outputKey,
  ruleOf,
  ThumbsmithError,
} from "@thumbsmith/shared";
import { find, type Listed, pages, type Range } from "../deployment/listing.ts";
import { manifestAt } from "../deployment/manifests.ts";
import type { Target } from "../deployment/target.ts";

/** All of the thumbnails bucket except the manifests. */
const OUTPUTS: Range[] = [
  { prefix: "", until: MANIFEST_PREFIX },
  { prefix: "", after: `${MANIFEST_PREFIX}\u{10ffff}` },
];

/** The orphans that a page of the thumbnails bucket shows. */
interface Orphans {
  /** Objects of the page. */
  objects: number;
  /** Sources that are gone: processing each removes what is left of it. */
  gone: string[];
  /** Outputs that no job would remove: they belong to no rule and no manifest. */
  unnamed: Listed[];
}

/** Sources that have a manifest but are gone, or that no rule reads any more; except those that are {@link isKept kept}. */
export async function* sourcesGone(target: Target): AsyncGenerator<Orphans> {
  const { s3, thumbnailsBucket, uploadsBucket, config } = target;
  for await (const page of pages(s3, thumbnailsBucket, { prefix: MANIFEST_PREFIX })) {
    const keys = (await Promise.all(page.map(({ key }) => sourceOf(target, key)))).flat();
    const there = await find(s3, uploadsBucket, "", keys);
    const gone = keys.filter((key) => !there.has(key) || !ruleOf(config, key));
    const kept = await Promise.all(gone.map((key) => isKept(target, key)));
    yield { objects: page.length, gone: gone.filter((_, i) => !kept[i]), unnamed: [] };
  }
}

/** Whether the rule keeps the outputs of a source that is gone, and there are no others. */
async function isKept(target: Target, key: string): Promise<boolean> {
  const rule = ruleOf(target.config, key);
  if (!rule || !outliveSource(rule, key)) return false;
  const manifest = await manifestAt(target, manifestKey(key));
  return manifest?.outcome === "made" && namesWithin(manifest, rule);
}

/**
 * Outputs whose source is gone and that have no manifest: a crash before the manifest was written leaves them. Also
 * outputs of no rule: the same crash leaves them if the configuration then changes.
 */
export async function* outputsLeft(target: Target): AsyncGenerator<Orphans> {
  const { s3, thumbnailsBucket, uploadsBucket, config } = target;
  for (const range of OUTPUTS) {
    for await (const page of pages(s3, thumbnailsBucket, range)) {
      const named = page.map((output) => ({ output, candidates: candidatesOf(output.key, config) }));
      const candidates = named.flatMap((each) => each.candidates);
      const there = await find(s3, uploadsBucket, "", candidates);
      const missing = [...new Set(candidates)].filter((key) => !there.has(key));
      const manifests = await find(s3, thumbnailsBucket, MANIFEST_PREFIX, missing.map(manifestKey));
      const orphaned = named.filter(
        ({ candidates: of }) => of.length > 0 && of.every((key) => !there.has(key)),
      );
      const gone = orphaned
        .flatMap((each) => each.candidates)
        .filter((key) => !manifests.has(manifestKey(key)));
      const unnamed = named.filter((each) => each.candidates.length === 0).map(({ output }) => output);
      yield { objects: page.length, gone: [...new Set(gone)], unnamed };
    }
  }
}

/** Whether any manifest names outputs that this configuration does not. */
export async function hasOutdated(target: Target): Promise<boolean> {
  const { s3, thumbnailsBucket, config } = target;
  for await (const page of pages(s3, thumbnailsBucket, { prefix: MANIFEST_PREFIX })) {
    const manifests = await Promise.all(page.map(({ key }) => manifestAt(target, key)));
    const isOutdated = (manifest: Manifest) => {
      const rule = ruleOf(config, manifest.source.key);
      return !rule || !namesWithin(manifest, rule);
    };
    if (manifests.some((manifest) => manifest && isOutdated(manifest))) return true;
  }
  return false;
}

/** The sources that an output may be made from, by its name: as it is, or without the extension that was added. */
function candidatesOf(output: string, config: Config): string[] {
  return config.rules.flatMap((rule) =>
    rule.variants
      .filter(({ prefix }) => output.startsWith(prefix))
      .flatMap((variant) => {
        const source = rule.prefix + output.slice(variant.prefix.length);
        const isOf = (key: string) =>
          ruleOf(config, key) === rule && nameOf(() => outputKey(rule, variant, key)) === output;
        return [source, source.replace(/\.[A-Z]?[a-z]+$/, "")].filter(isOf);
      }),
  );
}

function nameOf(give: () => string): string | undefined {
  try {
    return give();
  } catch (error) {
    if (error instanceof ThumbsmithError) return undefined;
    throw error;
  }
}

/** A manifest is named after its source's key, or after the key's hash: then only the manifest itself names the source. */
async function sourceOf(target: Target, at: string): Promise<string[]> {
  const key = at.slice(MANIFEST_PREFIX.length, -".json".length);
  if (at.endsWith(".json") && !/^[0-9a-f]{64}$/.test(key)) return [key];
  const manifest = await manifestAt(target, at);
  return manifest ? [manifest.source.key] : [];
}
