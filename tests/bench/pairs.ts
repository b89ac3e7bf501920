import { medianSorted, quantileSorted } from "simple-statistics";

/** What one run took, in milliseconds. */
export interface Taken {
  /** CPU time of all threads, user and system: a busy machine changes it the least. */
  cpu: number;
  /** Wall-clock time. */
  wall: number;
}

/** A median, and the quartiles on both sides of it. */
export interface Spread {
  median: number;
  low: number;
  high: number;
}

/** Ways to do the same thing with an item. */
export type Contenders<Name extends string, Item, Run> = Record<Name, (item: Item) => Promise<Run>>;

/**
 * Runs all contenders on all items, for a number of rounds after one that does not count. They take turns on each item,
 * and each round starts with another one, so that other load on the machine affects them equally.
 * @returns for each contender and round, the runs in the order of the items
 */
export async function interleave<Name extends string, Item, Run = Taken>(
  contenders: Contenders<Name, Item, Run>,
  items: readonly Item[],
  rounds: number,
  onRun: (name: Name) => void = () => {},
): Promise<Record<Name, Run[][]>> {
  const names = Object.keys(contenders) as Name[];
  const runs = Object.fromEntries(names.map((name) => [name, [] as Run[][]])) as Record<Name, Run[][]>;
  for (let round = -1; round < rounds; round++) {
    if (round >= 0) for (const name of names) runs[name].push([]);
    for (const item of items) {
      for (const name of rotated(names, round)) {
        onRun(name);
        const run = await contenders[name](item);
        runs[name][round]?.push(run);
      }
    }
  }
  return runs;
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const start = (by + list.length) % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/** The total of all items, for each round. */
export function totals(runs: readonly Taken[][], of: keyof Taken = "cpu"): number[] {
  return runs.map((round) => round.reduce((sum, run) => sum + run[of], 0));
}

/** The ratio of each pair: above over below. */
export function ratio(above: readonly number[], below: readonly number[]): Spread {
  if (above.length !== below.length)
    throw new Error(`Expected pairs, found ${above.length} and ${below.length}.`);
  return spread(above.map((value, i) => value / (below[i] ?? Number.NaN)));
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [quantileSorted(sorted, 0.25), quantileSorted(sorted, 0.75)];
  return { median: medianSorted(sorted), low, high };
}
