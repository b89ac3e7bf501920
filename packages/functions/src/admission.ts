import { Semaphore } from "async-mutex";
import type { Admit } from "./image/thumbnail.ts";

/** Lets decodes begin while the megabytes that they take together are within the budget. */
export function admission(budget: number): Admit {
  // In whole megabytes: fractions would not add up again, and who asks for all of them would wait for ever.
  const all = Math.floor(budget);
  const semaphore = new Semaphore(all);
  return (megabytes, decode) => semaphore.runExclusive(decode, Math.min(Math.ceil(megabytes) || 1, all));
}
