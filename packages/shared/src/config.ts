import type * as z from "zod/mini";
import { EFFORTS, type EncoderField, encoderEntries, fieldsUsedBy, USED_BY } from "./encoders.ts";
import { type OutputFormat, writtenAs } from "./formats.ts";
import { MANIFEST_PREFIX } from "./keys.ts";
import { decodeMegabytes, megabytesAtLimit, megabytesToEncode } from "./memory.ts";
import { MAX_NOTIFICATIONS, notificationFilters } from "./rules.ts";
import { Fields, isPlace, type Variant } from "./schema.ts";
import { parse } from "./validation.ts";

/** Seconds of an invocation that are left for S3 and for answering the queue. */
const RESERVED_SECONDS = 8;

/** The whole of `thumbsmith.config.ts`. */
export const Config = Fields.check(
  checkVariants,
  checkEncoders,
  checkGlobs,
  checkPrefixes,
  checkNotifications,
  checkMemory,
  checkTime,
);
export type Config = z.infer<typeof Config>;
export type ConfigInput = z.input<typeof Config>;

/**
 * Checks the configuration and fills in its defaults.
 * @throws ThumbsmithError `invalid-config`, with the path of every mistake, what was expected and what was found
 * @example
 * export default defineConfig({
 *   rules: [{ prefix: "uploads/", variants: [{ prefix: "thumbnails/", width: 150, height: 150 }] }],
 * });
 */
export function defineConfig(input: ConfigInput): Config {
  return parse(Config, input, "invalid-config", "thumbsmith.config.ts");
}

type Payload = z.core.ParsePayload<z.infer<typeof Fields>>;

function checkVariants({ value, issues }: Payload) {
  value.rules.forEach((rule, r) => {
    rule.variants.forEach((variant, v) => {
      const path = ["rules", r, "variants", v];
      if (variant.width === undefined && variant.height === undefined) {
        issues.push(mistake(path, "a width, a height, or both", undefined));
      }
      if (variant.animated && !["source", "webp"].includes(variant.format)) {
        issues.push(mistake([...path, "animated"], `no animation with ${variant.format}`, true));
      }
      const misplaced = checkPosition(variant);
      if (misplaced) issues.push(mistake([...path, "position"], misplaced, variant.position));
      if (variant.animated && variant.edit) {
        issues.push(mistake([...path, "edit"], "no edit of an animation", variant.edit.name));
      }
      if (variant.fit === "contain" && (variant.width === undefined || variant.height === undefined)) {
        const expected = "both a width and a height, without which contain has nothing to pad";
        issues.push(mistake([...path, "fit"], expected, variant.fit));
      }
      if (variant.animated && ["attention", "entropy"].includes(variant.position)) {
        const expected = "no animation, whose frames would be cropped in different places";
        issues.push(mistake([...path, "animated"], expected, true));
      }
    });
  });
}

/** @returns what was expected, if the position would have no effect */
function checkPosition({ position, fit, width, height }: Variant): string | undefined {
  if (position === "centre") return undefined;
  if (fit === "inside") return "no position with inside, which crops nothing";
  if (fit === "contain") {
    return isPlace(position) ? undefined : 'a place such as "north" with contain, which crops nothing';
  }
  const isBox = width !== undefined && height !== undefined;
  return isBox ? undefined : "no position without both a width and a height, as nothing is cropped";
}

/** Refuses a field that has no effect on any output. With the format "source", it has one if some formats use it. */
function checkEncoders({ value, issues }: Payload) {
  value.rules.forEach((rule, r) => {
    rule.variants.forEach((variant, v) => {
      const formats = [...new Set(rule.formats.map((source) => writtenAs(source, variant.format)))];
      for (const [field, found] of encoderEntries(variant)) {
        const users = formats.filter((format) => fieldsUsedBy(format, variant).includes(field));
        const path = ["rules", r, "variants", v, field];
        if (users.length === 0) issues.push(mistake(path, unused(field, formats, variant), found));
        if (field === "effort") issues.push(...users.flatMap((format) => checkEffort(path, format, variant)));
      }
    });
  });
}

function unused(field: EncoderField, formats: OutputFormat[], { lossless }: Variant): string {
  const kind = lossless && field !== "lossless" ? "lossless " : "";
  return `no ${field} with ${kind}${formats.join(", ")}: ${USED_BY[field]}`;
}

function checkEffort(path: PropertyKey[], format: OutputFormat, { effort = 0 }: Variant) {
  const [least, most] = EFFORTS[format] ?? [0, 0];
  return effort >= least && effort <= most
    ? []
    : [mistake(path, `${least} to ${most} with ${format}`, effort)];
}

/** Globs match what follows the prefix. One that begins with the prefix is a mistake: it would match nothing. */
function checkGlobs({ value: { rules }, issues }: Payload) {
  rules.forEach(({ prefix, ...rule }, r) => {
    for (const field of ["include", "exclude"] as const) {
      rule[field]?.forEach((glob, g) => {
        if (!glob.startsWith(prefix)) return;
        const expected = `a glob of the path below the rule's prefix: "${glob.slice(prefix.length)}"`;
        issues.push(mistake(["rules", r, field, g], expected, glob));
      });
    }
  });
}

function checkPrefixes({ value: { rules, retired }, issues }: Payload) {
  const outputs = [
    ...rules.flatMap((rule, r) =>
      rule.variants.map(({ prefix }, v) => ({ prefix, path: ["rules", r, "variants", v, "prefix"] })),
    ),
    ...retired.map((prefix, i) => ({ prefix, path: ["retired", i] })),
  ];
  rules.forEach((rule, r) => {
    if (rules.findIndex(({ prefix }) => prefix === rule.prefix) < r) {
      issues.push(mistake(["rules", r, "prefix"], "a prefix that no other rule has", rule.prefix));
    }
  });
  outputs.forEach(({ prefix, path }, i) => {
    const clash = outputs.slice(0, i).find((other) => overlap(prefix, other.prefix));
    if (clash) issues.push(mistake(path, `${apart(clash.prefix)}, another variant's`, prefix));
    if (overlap(prefix, MANIFEST_PREFIX)) {
      issues.push(mistake(path, `${apart(MANIFEST_PREFIX)}, where the manifests are`, prefix));
    }
    const reader = rules.find((rule) => overlap(prefix, rule.prefix));
    if (reader) issues.push(mistake(path, `${apart(reader.prefix)}, which a rule reads`, prefix));
  });
}

function apart(prefix: string): string {
  return `a prefix that does not overlap "${prefix}"`;
}

function checkNotifications({ value, issues }: Payload) {
  const needed = notificationFilters(value.rules).length;
  if (needed <= MAX_NOTIFICATIONS) return;
  const expected = `rules that need at most ${MAX_NOTIFICATIONS} S3 notifications (one per prefix that is not inside another's)`;
  issues.push(mistake(["rules"], expected, needed));
}

function checkMemory({ value: { rules, limits }, issues }: Payload) {
  const free = decodeMegabytes(limits);
  const missing = (megabytes: number) => limits.memory + Math.ceil(megabytes - free);
  const decode = megabytesAtLimit(
    rules.flatMap((rule) => rule.formats),
    limits,
  );
  if (decode > free) {
    const expected = `at least ${missing(decode)} megabytes for ${limits.pixels} pixels and ${limits.bytes} bytes`;
    issues.push(mistake(["limits", "memory"], expected, limits.memory));
    return;
  }
  rules.forEach((rule, r) => {
    rule.variants.forEach((variant, v) => {
      const { width, height } = variant;
      const pixels = (width ?? 1) * (height ?? 1);
      const formats = rule.formats.map((source) => writtenAs(source, variant.format));
      const encode = Math.max(
        ...formats.map((format) => megabytesToEncode({ format, encoder: variant, pixels })),
      );
      if (encode <= free) return;
      const expected = `a box that ${limits.memory} megabytes can encode; it takes ${missing(encode)}`;
      issues.push(mistake(["rules", r, "variants", v], expected, { width, height }));
    });
  });
}

/** A source that is too slow is tried twice. Both tries must end in the invocation, or the job fails instead. */
function checkTime({ value: { limits }, issues }: Payload) {
  const most = Math.floor((limits.timeout - RESERVED_SECONDS) / 2);
  if (limits.seconds <= most) return;
  const expected = `at most ${most} second${most === 1 ? "" : "s"} with a timeout of ${limits.timeout}`;
  issues.push(mistake(["limits", "seconds"], expected, limits.seconds));
}

function overlap(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function mistake(path: PropertyKey[], message: string, input: unknown) {
  return { code: "custom", path, message, input, continue: true } as const;
}
