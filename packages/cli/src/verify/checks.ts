import { advice, nameOf, refusedAction } from "../terminal/advice.ts";
import { columns, counted } from "../terminal/print.ts";
import { startProgress } from "../terminal/progress.ts";

/** One property of the deployment. */
export interface Check<Live> {
  id: string;
  /** Stated here again, not taken from `infra/`: otherwise a mistake there would pass. */
  expected: string;
  /** What is deployed. It has to equal what is expected, unless `accepts` says otherwise. */
  read(live: Live): Promise<string> | string;
  accepts?(found: string): boolean;
}

export interface Result {
  id: string;
  result: "ok" | "differs" | "accepted" | "unknown";
  expected: string;
  found: string;
}

const NOT_ALLOWED = "not allowed: ";

/** @throws Error if the command line names a check that does not exist */
export function refuseUnknown(
  option: string,
  names: readonly string[],
  checks: readonly { id: string }[],
): void {
  const ids = checks.map(({ id }) => id);
  const unknown = names.filter((name) => !ids.includes(name));
  if (unknown.length === 0) return;
  throw new Error(
    `Expected ${option} to name checks, found ${unknown.join(", ")}. The checks are: ${ids.join(", ")}.`,
  );
}

/**
 * Whether something differs.
 * @throws Error if nothing does, but something could not be read: it shows what was found, and what to do
 */
export function differs(results: Result[]): boolean {
  const differ = results.some(({ result }) => result === "differs");
  const unknown = results.filter(({ result }) => result === "unknown");
  if (differ || unknown.length === 0) return differ;
  const refused = unknown.some(({ found }) => found.startsWith(NOT_ALLOWED));
  const role =
    "\nUse a role that may read the rows marked with ?, such as one with ViewOnlyAccess and SecurityAudit.";
  throw new Error(`${describe(results)}${refused ? role : ""}`);
}

/** Errors that mean that a property is not set. */
const ABSENT =
  /^(NoSuch(?!Bucket$)\w+|.*NotFound(Error|Exception)?|ServerSideEncryptionConfigurationNotFoundError|ReplicationConfigurationNotFoundError|OwnershipControlsNotFoundError|ResourceNotFoundException|NotFoundException|NoSuchEntityException)$/;

/**
 * Reads every property. One that cannot be read is unknown, and does not hide the others.
 * @param label what is being checked, for error messages
 */
export async function runChecks<Live>(
  checks: Check<Live>[],
  live: Live,
  { accepted = [], label }: { accepted?: readonly string[] | undefined; label?: string } = {},
): Promise<Result[]> {
  const progress = startProgress("Checks", checks.length);
  const results = checks.map((check) => run(check, live, accepted, label).finally(progress.tick));
  return Promise.all(results).finally(progress.stop);
}

async function run<Live>(
  { id, expected, read, accepts = (found) => found === expected }: Check<Live>,
  live: Live,
  accepted: readonly string[],
  label?: string,
): Promise<Result> {
  try {
    const found = await attempt(read, live);
    const result = accepts(found) ? "ok" : accepted.includes(id) ? "accepted" : "differs";
    return { id, result, expected, found };
  } catch (error) {
    const action = refusedAction(error);
    const advised = advice(error, label);
    const message = advised instanceof Error ? advised.message : String(advised);
    return { id, result: "unknown", expected, found: action ? `${NOT_ALLOWED}${action}` : message };
  }
}

async function attempt<Live>(read: Check<Live>["read"], live: Live): Promise<string> {
  try {
    return await read(live);
  } catch (error) {
    if (ABSENT.test(nameOf(error))) return "none";
    throw error;
  }
}

/** How many lines of what was found are shown. */
const SHOWN = 4;

const marks = { ok: "✓", differs: "✗", accepted: "–", unknown: "?" } as const;

export function describe(results: Result[]): string {
  const rows = results.map(({ id, result, expected, found }) => [
    `${marks[result]} ${id}`,
    expected,
    found === expected ? "as expected" : shorten(found),
  ]);
  const of = (result: Result["result"]) => results.filter((each) => each.result === result).length;
  const summary = [
    `${of("ok")} of ${counted(results.length, "check")} passed`,
    ...(of("differs") ? [`${of("differs")} ${of("differs") === 1 ? "differs" : "differ"}`] : []),
    ...(of("accepted") ? [`${of("accepted")} accepted`] : []),
    ...(of("unknown") ? [`${of("unknown")} could not be read`] : []),
  ];
  return `${columns(["check", "expected", "found"], rows)}\n\n${summary.join(", ")}.`;
}

function shorten(text: string): string {
  const lines = text.split("\n");
  const more = lines.length - SHOWN;
  return more > 0 ? [...lines.slice(0, SHOWN), `and ${more} more: see --json`].join("\n") : text;
}

/** Compares two sets in words: their size if they are equal, else what is missing and what is unexpected. */
export function compare(expected: readonly string[], found: readonly string[], noun: string): string {
  const missing = [...new Set(expected)].filter((each) => !found.includes(each));
  const unexpected = [...new Set(found)].filter((each) => !expected.includes(each));
  if (missing.length + unexpected.length === 0) return counted(new Set(expected).size, noun);
  return [
    ...missing.map((each) => `missing: ${each}`),
    ...unexpected.map((each) => `unexpected: ${each}`),
  ].join("\n");
}
