import { Semaphore } from "async-mutex";
import type { Admit } from "./image/thumbnail.ts";

/** Limits the decodes that run at once by the megabytes that they take together. */
export function admission(budget: number): Admit {
  // In whole megabytes: sums of fractions are inexact, so a decode that asks for all of them could wait forever.
  const all = Math.floor(budget);
  const semaphore = new Semaphore(all);
  return (megabytes, decode) => semaphore.runExclusive(decode, Math.min(Math.ceil(megabytes) || 1, all));
}
