import { createHash } from "node:crypto";
import { acceptedSuffixes } from "./names.ts";
import type { Config, Limits, Rule, Variant } from "./schema.ts";

/**
 * The events after which a source is processed. An expiry leaves a delete marker; what S3 removes later was no current
 * source. An archived source cannot be read until it is restored.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
 */
export const NOTIFIED_EVENTS = [
  "s3:ObjectCreated:*",
  "s3:ObjectRemoved:*",
  "s3:LifecycleExpiration:DeleteMarkerCreated",
  "s3:ObjectRestore:Completed",
] as const;

/** What a page of `corsOrigins` may do at the uploads bucket: send a file, and read its ETag. */
export const UPLOADS_CORS = {
  methods: ["PUT", "POST"],
  headers: ["*"],
  exposedHeaders: ["ETag"],
  maxAgeSeconds: 3_600,
} as const;

/** Raised by a release whose thumbnails differ so much that all are to be made again. Its changelog says so. */
const RECIPE = 1;

/** S3 allows this many notification configurations on a bucket; each has one prefix and one suffix. */
export const MAX_NOTIFICATIONS = 100;

/**
 * The prefix and suffix of each notification that the uploads bucket sends. S3 refuses filters that overlap, so a
 * rule inside another's prefix adds its suffixes to the outer one's. Where one of them takes any name, or the suffixes
 * are too many for one bucket, S3 announces every object, and the function ignores those that no rule reads.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
export function notificationFilters(
  rules: readonly Pick<Rule, "prefix" | "formats" | "names">[],
): { prefix: string; suffix?: string }[] {
  const prefixes = outermost(rules);
  const filters = prefixes.flatMap(({ prefix }) => {
    const inside = rules.filter((rule) => rule.prefix.startsWith(prefix));
    if (inside.some(({ names }) => names === "any")) return [{ prefix }];
    return [...new Set(inside.flatMap(acceptedSuffixes))].map((suffix) => ({ prefix, suffix }));
  });
  return filters.length <= MAX_NOTIFICATIONS ? filters : prefixes.map(({ prefix }) => ({ prefix }));
}

/**
 * A prefix as S3's notification filters take it: a space as "+", and percent-encoded what S3 calls no safe character.
 * As it stands it would match nothing, and nothing would say so.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
export function filterPrefix(prefix: string): string {
  return encodeURIComponent(prefix).replaceAll("%2F", "/").replaceAll("%20", "+").replaceAll("~", "%7E");
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
 * Names what a manifest was made with. A rejection rests on all of it, and also on the limits, so that raising one gives the
 * image another chance. Which sources are read, and what becomes of deleted ones, changes nothing. What was made goes by
 * the {@link outputHash} of each output.
 */
export function configHash(rule: Rule, limits?: Limits): string {
  const bounds = limits && { ...limits, timeout: undefined, concurrency: undefined };
  const made = { ...rule, names: undefined, include: undefined, exclude: undefined, whenDeleted: undefined };
  return hashOf([made, bounds]);
}

/**
 * Names what decides an output's bytes, of a given source: all of its variant but where it lies and how it is served. It is
 * recorded with each output, which is made again when it changes.
 */
export function outputHash(variant: Variant): string {
  return hashOf([RECIPE, { ...variant, prefix: undefined, cacheControl: undefined }]);
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}
