import { Conflict } from "./s3-errors.ts";

/**
 * Waits for all promises, so that no call is still running when an error is thrown. A conflict, which starts another round,
 * is thrown only if there is no other error: a write that was not answered may land later, so its message has to come back.
 */
export async function settled<T>(promises: Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(promises);
  const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
  if (errors.length > 0) throw errors.find((error) => !(error instanceof Conflict)) ?? errors[0];
  return Promise.all(promises);
}
