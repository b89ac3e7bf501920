import { createHash } from "node:crypto";
import { sourceFormats } from "./formats.ts";
import type { Config, Limits, Rule } from "./schema.ts";

/** Suffixes of the names that a rule accepts, in lower and in upper case: S3 compares them to the letter. */
export function acceptedSuffixes(rule: Pick<Rule, "formats">): string[] {
  return rule.formats
    .flatMap((format) => sourceFormats[format].suffixes)
    .flatMap((suffix) => [suffix, suffix.toUpperCase()]);
}

/**
 * The prefix and suffix of each notification that the uploads bucket sends. S3 refuses filters that overlap, so a
 * rule inside another's prefix adds its suffixes to the outer one's.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
export function notificationFilters(rules: readonly Pick<Rule, "prefix" | "formats">[]) {
  return outermost(rules).flatMap(({ prefix }) => {
    const inside = rules.filter((rule) => rule.prefix.startsWith(prefix));
    return [...new Set(inside.flatMap(acceptedSuffixes))].map((suffix) => ({ prefix, suffix }));
  });
}

/** The rules that lie inside no other's prefix: together they cover every source. */
export function outermost<R extends Pick<Rule, "prefix">>(rules: readonly R[]): R[] {
  return rules.filter(
    (rule) => !rules.some((other) => other !== rule && rule.prefix.startsWith(other.prefix)),
  );
}

/** Where the function may remove outputs: under its variants' prefixes, and those that variants had before. */
export function outputPrefixes({ rules, retired }: Pick<Config, "rules" | "retired">): string[] {
  return [...rules.flatMap((rule) => rule.variants.map(({ prefix }) => prefix)), ...retired];
}

/**
 * Names what a manifest was made with: when it changes, the outputs are stale. A rejection also depends on the
 * limits, so that raising one gives the image another chance.
 */
export function configHash(rule: Rule, limits?: Limits): string {
  const bounds = limits && { ...limits, timeout: undefined, concurrency: undefined };
  return createHash("sha256")
    .update(JSON.stringify([rule, bounds]))
    .digest("hex")
    .slice(0, 16);
}
