import fc from "fast-check";
import type { Etags } from "./bucket.ts";
import { history, play, type Step } from "./history.ts";

export interface Found {
  /** How many histories were played, up to the first that ended wrong. */
  histories: number;
  seed: number;
  counterexample?: readonly Step[];
  /** What is wrong in the end of the counterexample. */
  wrong: string[];
}

/** Plays random histories, until one ends wrong; that one is then made as short as can be. */
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

/** A history as it can be kept in a test. */
export const written = (steps: readonly Step[] = []) => steps.map((step) => JSON.stringify(step)).join(",\n");
