import { Conflict } from "./s3-errors.ts";

/**
 * Waits for every one, so that nothing is still under way when an error is thrown. A conflict is thrown last: another
 * round would put it right, but a write that was never answered may land after that, and only the queue puts that right.
 */
export async function settled<T>(promises: Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(promises);
  const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
  if (errors.length > 0) throw errors.find((error) => !(error instanceof Conflict)) ?? errors[0];
  return Promise.all(promises);
}
