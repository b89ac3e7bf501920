import { ThumbsmithError } from "@thumbsmith/shared";
import { Conflict } from "../../src/sync/s3-errors.ts";

/**
 * What can go wrong with a call. `unsent` and `unanswered`: the connection breaks before or after it takes effect.
 * `late`: it times out, and takes effect at some time afterwards. `retried`: it takes effect, its answer is lost, and
 * the SDK sends it again. A slow answer needs no fault: a call is answered when the history says so.
 */
export const faults = ["conflict", "throttled", "unsent", "unanswered", "late", "retried"] as const;
export type Fault = (typeof faults)[number];

/** A call to a bucket that has not been answered yet. */
export interface Call {
  isWrite: boolean;
  run: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

export function answer(call: Call, fault?: Fault): void {
  try {
    if (fault === "unanswered" || fault === "retried") attempt(call.run);
    const error = errorOf(call, fault);
    if (error) throw error;
    call.resolve(call.run());
  } catch (error) {
    call.reject(error);
  }
}

function errorOf({ isWrite }: Call, fault?: Fault): Error | undefined {
  if (fault === "throttled") return new ThumbsmithError("throttled", "503");
  if (fault === "conflict") return isWrite ? new Conflict("409") : undefined;
  return fault && fault !== "retried" ? new ThumbsmithError("network", fault) : undefined;
}

/** Lets a call take effect without an answer. */
export function attempt(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
  }
}
