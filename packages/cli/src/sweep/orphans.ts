import { createStore, isMadeBy, readManifest } from "@thumbsmith/functions";
import {
  type Config,
  MANIFEST_PREFIX,
  manifestKey,
  outputKey,
  ruleOf,
  ThumbsmithError,
} from "@thumbsmith/shared";
import { find, type Listed, pages, type Range } from "../listing.ts";
import type { Target } from "../target.ts";

/** All of the thumbnails bucket but the manifests. */
const OUTPUTS: Range[] = [
  { prefix: "", until: MANIFEST_PREFIX },
  { prefix: "", after: `${MANIFEST_PREFIX}\u{10ffff}` },
];

/** Sources that have a manifest and are gone, or are read by no rule any more. A look at them takes all away. */
export async function* sourcesGone(target: Target): AsyncGenerator<string[]> {
  const { s3, thumbnailsBucket, uploadsBucket, config } = target;
  for await (const page of pages(s3, thumbnailsBucket, { prefix: MANIFEST_PREFIX })) {
    const keys = (await Promise.all(page.map(({ key }) => sourceOf(target, key)))).flat();
    const there = await find(s3, uploadsBucket, "", keys);
    yield keys.filter((key) => !there.has(key) || !ruleOf(config, key));
  }
}

/** Outputs without a source: those that a look reaches, by their source, and those that none does. */
export interface Orphans {
  looks: string[];
  unnamed: Listed[];
}

/**
 * Outputs whose source is gone and that have no manifest, as a crash between the two leaves them; and outputs that
 * this configuration gives no source, as that crash leaves them when the configuration then changes.
 */
export async function* outputsLeft(target: Target): AsyncGenerator<Orphans> {
  const { s3, thumbnailsBucket, uploadsBucket, config } = target;
  for (const range of OUTPUTS) {
    for await (const page of pages(s3, thumbnailsBucket, range)) {
      const named = page.map((output) => ({ output, candidates: candidatesOf(output.key, config) }));
      const candidates = named.flatMap((each) => each.candidates);
      const there = await find(s3, uploadsBucket, "", candidates);
      const gone = [...new Set(candidates)].filter((key) => !there.has(key));
      const manifests = await find(s3, thumbnailsBucket, MANIFEST_PREFIX, gone.map(manifestKey));
      const orphaned = named.filter(
        ({ candidates: of }) => of.length > 0 && of.every((key) => !there.has(key)),
      );
      const looks = orphaned
        .flatMap((each) => each.candidates)
        .filter((key) => !manifests.has(manifestKey(key)));
      const unnamed = named.filter((each) => each.candidates.length === 0).map(({ output }) => output);
      yield { looks: [...new Set(looks)], unnamed };
    }
  }
}

/** Whether any manifest is of another configuration: then it may name what this one does not. */
export async function hasOutdated(target: Target): Promise<boolean> {
  const { s3, thumbnailsBucket, config } = target;
  for await (const page of pages(s3, thumbnailsBucket, { prefix: MANIFEST_PREFIX })) {
    for (const { key } of page) {
      const manifest = await manifestAt(target, key);
      const rule = manifest && ruleOf(config, manifest.source.key);
      if (manifest && !(rule && isMadeBy(manifest, rule, config))) return true;
    }
  }
  return false;
}

/** The sources that an output may be of, by its name: with an extension that was added, or as it is. */
function candidatesOf(output: string, config: Config): string[] {
  return config.rules.flatMap((rule) =>
    rule.variants
      .filter(({ prefix }) => output.startsWith(prefix))
      .flatMap((variant) => {
        const source = rule.prefix + output.slice(variant.prefix.length);
        const isOf = (key: string) =>
          ruleOf(config, key) === rule && nameOf(() => outputKey(rule, variant, key)) === output;
        return [source, source.replace(/\.[a-z]+$/, "")].filter(isOf);
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

/** A manifest lies at its source's key, or at the hash of it: then only the manifest itself says which. */
async function sourceOf(target: Target, at: string): Promise<string[]> {
  const key = at.slice(MANIFEST_PREFIX.length, -".json".length);
  if (at.endsWith(".json") && !/^[0-9a-f]{64}$/.test(key)) return [key];
  const manifest = await manifestAt(target, at);
  return manifest ? [manifest.source.key] : [];
}

async function manifestAt({ s3, thumbnailsBucket }: Target, at: string) {
  return (await readManifest(createStore(s3, thumbnailsBucket), at)).manifest;
}
