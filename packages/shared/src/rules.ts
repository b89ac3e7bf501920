import { createHash } from "node:crypto";
import { acceptedSuffixes } from "./names.ts";
import type { Config, Limits, Rule, Variant } from "./schema.ts";

/**
 * The events after which a source is processed. An expiry creates a delete marker; `LifecycleExpiration:Delete` is left out
 * because it only removes old versions. A restore is one because an archived source could not be read before.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
 */
export const NOTIFIED_EVENTS = [
  "s3:ObjectCreated:*",
  "s3:ObjectRemoved:*",
  "s3:LifecycleExpiration:DeleteMarkerCreated",
  "s3:ObjectRestore:Completed",
] as const;

/** What web pages of `corsOrigins` may do in the uploads bucket: send a file, and read its ETag. */
export const UPLOADS_CORS = {
  methods: ["PUT", "POST"],
  headers: ["*"],
  exposedHeaders: ["ETag"],
  maxAgeSeconds: 3_600,
} as const;

/** A release raises this if all thumbnails have to be made again. Its changelog says so. */
const RECIPE = 1;

/** S3 allows this many notification configurations on a bucket; each has one prefix and one suffix. */
export const MAX_NOTIFICATIONS = 100;

/**
 * The prefix and suffix of each notification that the uploads bucket sends. S3 refuses filters that overlap, so a
 * rule inside another's prefix adds its suffixes to the outer one's. If one of them accepts any name, or there are too
 * many suffixes for one bucket, S3 sends an event for every object, and the function ignores those that no rule reads.
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
 * A prefix as S3's notification filters expect it: a space as "+", and percent-encoded if S3 does not call the character
 * safe. Without this, the filter would match nothing, and S3 would not report it.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
export function filterPrefix(prefix: string): string {
  return encodeURIComponent(prefix).replaceAll("%2F", "/").replaceAll("%20", "+").replaceAll("~", "%7E");
}

/** The rules whose prefixes are not inside another's: together they cover every source. */
export function outermost<R extends Pick<Rule, "prefix">>(rules: readonly R[]): R[] {
  return rules.filter(
    (rule) => !rules.some((other) => other !== rule && rule.prefix.startsWith(other.prefix)),
  );
}

/** The prefixes under which the function may remove outputs: those of variants, and those that variants had before. */
export function outputPrefixes({ rules, retired }: Pick<Config, "rules" | "retired">): string[] {
  return [...rules.flatMap((rule) => rule.variants.map(({ prefix }) => prefix)), ...retired];
}

/**
 * A hash of the configuration that a manifest was made with. With `limits`, it decides whether a rejection is stale, so
 * raising a limit gives the source another chance. It leaves out which sources are read and what happens to deleted ones:
 * neither changes a result. Whether an output is stale is decided by its own {@link outputHash}.
 */
export function configHash(rule: Rule, limits?: Limits): string {
  const bounds = limits && { ...limits, timeout: undefined, concurrency: undefined };
  const made = { ...rule, names: undefined, include: undefined, exclude: undefined, whenDeleted: undefined };
  return hashOf([made, bounds]);
}

/**
 * A hash of what decides an output's bytes for a given source: all fields of its variant except its prefix and its
 * Cache-Control. The manifest records it for each output, which is made again when it changes.
 */
export function outputHash(variant: Variant): string {
  return hashOf([RECIPE, { ...variant, prefix: undefined, cacheControl: undefined }]);
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}
