import { it } from "vitest";
import { differences } from "./differences.ts";
import { endpointKind } from "./endpoint.ts";

/** How long a test may take on an endpoint that is known to differ, which may never answer. */
const DIFFERENCE_TIMEOUT_MS = 10_000;

/**
 * A test of what S3 and SQS do. If the endpoint is known to differ, the test is reported as skipped, with the reason, and
 * fails if the endpoint no longer differs, which keeps the table of differences true. The tests of a file run at the same
 * time, because each has its own buckets and queues.
 */
export function behaves(name: string, test: () => Promise<void>): void {
  const difference = differences.find(
    ({ endpoint, tests }) => endpoint === endpointKind && tests.includes(name),
  );
  if (!difference) {
    it.concurrent(name, test);
    return;
  }
  it.concurrent(name, async ({ skip }) => {
    if (await passes(test))
      throw new Error(`Remove it from the differences: ${endpointKind} now does the same.`);
    skip(`${endpointKind}: ${difference.instead}`);
  });
}

/** The same test for each row of a table. `$title` in the name stands for the row's title. */
behaves.each =
  <Row extends { title: string }>(rows: Row[]) =>
  (name: string, test: (row: Row) => Promise<void>): void => {
    for (const row of rows) behaves(name.replace("$title", row.title), () => test(row));
  };

async function passes(test: () => Promise<void>): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, DIFFERENCE_TIMEOUT_MS, false).unref());
  const passed = test().then(
    () => true,
    () => false,
  );
  return Promise.race([passed, late]);
}
