import { isMadeBy } from "@thumbsmith/functions";
import { MANIFEST_PREFIX, manifestKey, type Rule, ruleOf } from "@thumbsmith/shared";
import { find, type Listed } from "../deployment/listing.ts";
import { manifestAt } from "../deployment/manifests.ts";
import type { Target } from "../deployment/target.ts";
import { sumOf, type Work, workOf } from "./work.ts";

/** What the look at a page came to. */
interface Looked {
  /** Keys that a rule reads. */
  sources: number;
  /** Those of them whose outputs are not of this source and this configuration. */
  stale: string[];
  /** What there is to do for them. */
  work: Work;
  /** Manifests that were read: each is a request. */
  read: number;
}

/**
 * Which sources of a page need a look. Whether there is a manifest, and whether it is older than the source, the
 * listing of the manifests tells for a thousand at once. Only what a manifest says inside, the source's ETag and the
 * configuration, has to be read one by one. The outputs themselves are not looked at.
 */
export async function lookAt(target: Target, page: Listed[], prefix: string): Promise<Looked> {
  const sources = page.flatMap((source) => {
    const rule = ruleOf(target.config, source.key);
    return rule ? [{ ...source, rule, manifest: manifestKey(source.key) }] : [];
  });
  const { s3, thumbnailsBucket } = target;
  const keys = sources.map(({ manifest }) => manifest);
  const manifests = await find(s3, thumbnailsBucket, MANIFEST_PREFIX + prefix, keys);
  let read = 0;

  const workFor = async ({
    rule,
    manifest: at,
    etag,
    modified,
  }: Listed & { rule: Rule; manifest: string }): Promise<Work | undefined> => {
    const listed = manifests.get(at);
    if (!listed || listed.modified < modified) return workOf(rule);
    read += 1;
    const manifest = await manifestAt(target, at);
    if (manifest?.source.etag !== etag) return workOf(rule);
    return isMadeBy(manifest, rule, target.config) ? undefined : workOf(rule, manifest);
  };

  const works = await Promise.all(sources.map(workFor));
  const stale = sources.filter((_, i) => works[i]).map(({ key }) => key);
  return { sources: sources.length, stale, work: sumOf(works.flatMap((work) => work ?? [])), read };
}
