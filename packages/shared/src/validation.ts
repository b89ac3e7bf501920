import * as z from "zod/mini";
import { type Code, ThumbsmithError } from "./errors.ts";

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
  const result = z.safeParse(schema, input, { reportInput: true });
  if (result.success) return result.data;
  const mistakes = result.error.issues.flatMap(describeIssue).map((mistake) => `  ${mistake}`);
  throw new ThumbsmithError(code, [`${subject} is not valid:`, ...mistakes].join("\n"), {
    cause: result.error,
  });
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${pathOf([...issue.path, key])}: expected no such field, found one`);
  }
  return [`${pathOf(issue.path)}: expected ${expectation(issue)}, found ${found(issue.input)}`];
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return /^[aeiou]/.test(issue.expected) ? `an ${issue.expected}` : `a ${issue.expected}`;
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
  return text.replace(/^\./, "") || "the whole";
}
