import { CANARY_NAME } from "./canary.ts";
import { sourceFormats } from "./formats.ts";
import { matching } from "./globs.ts";
import type { Rule } from "./schema.ts";

/** The fields that decide whether a rule reads a key. */
type Reader = Pick<Rule, "prefix" | "formats" | "names" | "include" | "exclude">;

/** The rule that makes thumbnails of this key, or none: the longest matching prefix decides, then the name. */
export function ruleOf<R extends Reader>(config: { rules: readonly R[] }, key: string): R | undefined {
  const rule = ruleAround(config, key);
  return rule && whyNotRead(rule, key) === undefined ? rule : undefined;
}

/** The rule with the longest prefix of this key, whether it accepts the name or not. */
export function ruleAround<R extends Pick<Rule, "prefix">>(
  { rules }: { rules: readonly R[] },
  key: string,
): R | undefined {
  const [rule] = rules
    .filter(({ prefix }) => key.startsWith(prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  return rule;
}

/** Why a rule does not read a key under its prefix, as the end of a sentence. Undefined if it does. */
export function whyNotRead(rule: Reader, key: string): string | undefined {
  return whyNotNamed(rule, key) ?? whyNotWithin(rule, key.slice(rule.prefix.length));
}

function whyNotNamed(rule: Reader, key: string): string | undefined {
  // S3's console makes an empty object with a trailing slash for a folder. It is never an image.
  if (key.endsWith("/")) return "its name ends in a slash, as a folder's does";
  if (rule.names === "any" || hasAcceptedSuffix(rule, key)) return undefined;
  const suffixes = suffixesOf(rule);
  return `its name ends in none of ${suffixes.join(" ")} (lower case, upper case, or as in ${capitalised(suffixes[0] ?? "")})`;
}

function whyNotWithin({ include, exclude }: Reader, path: string): string | undefined {
  // The canary checks whether thumbnails are made at all, so a rule's globs do not exclude it.
  if (path.startsWith(CANARY_NAME)) return undefined;
  if (include && matching(include, path) === undefined) {
    return `its path below the prefix matches none of "include": ${include.join(" ")}`;
  }
  const excluded = exclude && matching(exclude, path);
  return excluded && `its path below the prefix matches ${excluded} of "exclude"`;
}

/** Whether a name ends in a suffix of the rule's formats, in one of the spellings that S3's filters have. */
export function hasAcceptedSuffix(rule: Pick<Rule, "formats">, name: string): boolean {
  return acceptedSuffixes(rule).some((suffix) => name.endsWith(suffix));
}

/**
 * Suffixes of the names that a rule accepts. S3's filters are case-sensitive, so each is listed as `.jpg`, `.JPG` and
 * `.Jpg`; other spellings are not accepted.
 */
export function acceptedSuffixes(rule: Pick<Rule, "formats">): string[] {
  return suffixesOf(rule).flatMap((suffix) => [suffix, suffix.toUpperCase(), capitalised(suffix)]);
}

/** `.jpg` as `.Jpg`. */
export function capitalised(suffix: string): string {
  return suffix.slice(0, 2).toUpperCase() + suffix.slice(2);
}

function suffixesOf({ formats }: Pick<Rule, "formats">): string[] {
  return formats.flatMap((format): readonly string[] => sourceFormats[format].suffixes);
}
