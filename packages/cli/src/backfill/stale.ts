import { isMadeBy } from "@thumbsmith/functions";
import { MANIFEST_PREFIX, manifestKey, type Rule, ruleOf } from "@thumbsmith/shared";
import { find, type Listed } from "../deployment/listing.ts";
import { manifestAt } from "../deployment/manifests.ts";
import type { Target } from "../deployment/target.ts";
import { sumOf, type Work, workOf } from "./work.ts";

/** The result of checking a page. */
interface PageCheck {
  /** Keys that a rule reads. */
  sources: number;
  /** Those whose outputs do not match the source and the configuration. */
  stale: string[];
  /** The work to update them. */
  work: Work;
  /** Manifests that were read: each is a request. */
  read: number;
}

/**
 * Finds the stale sources of a page. A listing of the manifests shows, for a thousand sources at once, which have no
 * manifest or one that is older than the source. The other manifests are read one by one, for the source's ETag and the
 * configuration in them. The outputs themselves are not checked.
 */
export async function checkPage(target: Target, page: Listed[], prefix: string): Promise<PageCheck> {
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
