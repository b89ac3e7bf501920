import { syncBuiltinESMExports } from "node:module";
import { mock } from "node:test";
import timers from "node:timers/promises";

// Pauses between rounds take no time here: the history decides which handler goes on, and when.
timers.setTimeout = async <T>(_?: number, value?: T) => value as T;
syncBuiltinESMExports();
mock.timers.enable({ apis: ["Date"] });

/** Every call takes a millisecond, so that two manifests never have the same `madeAt`. */
export const tick = () => mock.timers.tick(1);

/** Waits until every handler waits for a call: `nextTick` runs when no promise has more to do. */
export const rest = () => new Promise<void>((resolve) => process.nextTick(resolve));

/** Random numbers that are the same each time. With a fixed order, two handlers could lose every race to each other. */
export function dice(): () => number {
  let last = 1;
  return () => {
    last = (last * 48_271) % 2_147_483_647;
    return last;
  };
}
