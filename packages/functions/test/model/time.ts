import { syncBuiltinESMExports } from "node:module";
import { mock } from "node:test";
import timers from "node:timers/promises";

// The pause after a lost race costs nothing here: who goes on, and when, is the history's to say.
timers.setTimeout = async <T>(_?: number, value?: T) => value as T;
syncBuiltinESMExports();
mock.timers.enable({ apis: ["Date"] });

/** Every call takes a millisecond, so that two manifests, which say when they were made, are never equal. */
export const tick = () => mock.timers.tick(1);

/** Until every handler waits for a call: a tick that a promise asks for comes when no promise has more to do. */
export const rest = () => new Promise<void>((resolve) => process.nextTick(resolve));

/** Numbers by chance, the same ones each time. By turns, two handlers would lose every race to each other. */
export function dice(): () => number {
  let last = 1;
  return () => {
    last = (last * 48_271) % 2_147_483_647;
    return last;
  };
}
