import * as z from "zod/mini";
import { type Code, ThumbsmithError } from "./errors.ts";
import { similar } from "./similar.ts";

/**
 * Parses `input`, or throws one error that lists every mistake as `path: expected …, found …`.
 * @param subject what the input is, for the first line of the message
 */
export function parse<S extends z.ZodMiniType>(
  schema: S,
  input: unknown,
  code: Code,
  subject: string,
): z.output<S> {
  const result = z.safeParse(schema, input, { reportInput: true, error: fieldNames });
  if (result.success) return result.data;
  const mistakes = result.error.issues
    .flatMap((issue) => describeIssue(issue, input))
    .map((mistake) => `  ${mistake}`);
  throw new ThumbsmithError(code, [`${subject} is not valid:`, ...mistakes].join("\n"), {
    cause: result.error,
  });
}

/** Puts the known fields into zod's message of an unknown one, because the issue does not list them. */
function fieldNames({ code, inst }: z.core.$ZodRawIssue): string | undefined {
  return code === "unrecognized_keys" && inst instanceof z.ZodMiniObject
    ? Object.keys(inst.shape).join(" ")
    : undefined;
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const meant = didYouMean(key, issue.message.split(" "));
      return `${pathOf([...issue.path, key])}: expected no such field, found one${meant}`;
    });
  }
  const known =
    issue.code === "invalid_value" ? issue.values.filter((value) => typeof value === "string") : [];
  const meant = typeof issue.input === "string" ? didYouMean(issue.input, known) : "";
  const origin = issue.input !== undefined && isUnwritten(issue.path, input) ? " (the default)" : "";
  return [
    `${pathOf(issue.path)}: expected ${expectation(issue)}, found ${found(issue.input)}${origin}${meant}`,
  ];
}

function didYouMean(text: string, known: readonly string[]): string {
  const meant = similar(text, known);
  return meant === undefined ? "" : `: did you mean "${meant}"?`;
}

/** Whether the field is missing from the input: a check of several fields may report one that has its default. */
function isUnwritten(path: readonly PropertyKey[], input: unknown): boolean {
  let value = input;
  for (const part of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[part];
  return value === undefined;
}

/** Types, in plain words. */
const TYPES: Record<string, string> = {
  int: "a whole number",
  number: "a number",
  string: "a string",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? issue.expected;
    case "invalid_value":
      return `one of ${issue.values.map(found).join(", ")}`;
    case "too_small":
      return `at least ${count(issue.minimum, issue.origin)}`;
    case "too_big":
      return `at most ${count(issue.maximum, issue.origin)}`;
    default:
      return issue.message;
  }
}

function count(bound: number | bigint, origin: string): string {
  const unit = { string: "character", array: "element" }[origin];
  return unit ? `${bound} ${unit}${bound === 1 ? "" : "s"}` : String(bound);
}

function found(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function pathOf(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return text.replace(/^\./, "") || "(root)";
}
