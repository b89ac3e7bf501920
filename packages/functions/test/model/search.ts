import fc from "fast-check";
import type { Etags } from "./bucket.ts";
import { history, play, type Step } from "./history.ts";

export interface Found {
  /** How many histories were played until one ended wrong. */
  histories: number;
  seed: number;
  counterexample?: readonly Step[];
  /** What is wrong at the end of the counterexample. */
  wrong: string[];
}

/** Plays random histories until one ends wrong, and shrinks that one as far as possible. */
export async function search(
  etags: Etags,
  histories: number,
  seed = Math.floor(Math.random() * 2 ** 31),
): Promise<Found> {
  const property = fc.asyncProperty(history, async (steps) => (await play(steps, etags)).length === 0);
  const { failed, numRuns, counterexample } = await fc.check(property, { numRuns: histories, seed });
  if (!failed) return { histories: numRuns, seed, wrong: [] };
  const [steps = []] = counterexample ?? [];
  return { histories: numRuns, seed, counterexample: steps, wrong: await play(steps, etags) };
}

/** A history in the form that a test can keep. */
export const written = (steps: readonly Step[] = []) => steps.map((step) => JSON.stringify(step)).join(",\n");
