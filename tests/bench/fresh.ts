import { bundle } from "./artefact.ts";
import type { Taken } from "./pairs.ts";
import { startWorker, type Worker } from "./worker.ts";

/** What a process took for a request, and its memory in megabytes: now and at its peak. */
export interface Occupied extends Taken {
  now: number;
  peak: number;
}

/** Keeps a command to one core of the machine. */
export const ON_ONE_CORE = ["taskset", "--cpu-list", "0"];

/**
 * A process with no loader in it. Ours has the same allocator setting as the function.
 * @param by the command that starts it, if any
 */
export async function startFresh(
  name: string,
  args: readonly string[] = [],
  environment = {},
  by: readonly string[] = [],
): Promise<Worker> {
  const isOurs = name !== "sharp";
  const path = await bundled(name);
  const [program = "", ...rest] = [...by, process.execPath, path, ...args];
  return startWorker(program, rest, {
    ...(isOurs && { MALLOC_ARENA_MAX: "2" }),
    ...environment,
  });
}

/** Asks a fresh process once, then `again` times, to measure it when it is warm. */
export async function inFresh(name: string, args: readonly string[], request: object, again = 0) {
  const worker = await startFresh(name, args);
  try {
    const { peak } = await worker.ask<Occupied>(request);
    const warm: Occupied[] = [];
    for (let i = 0; i < again; i++) warm.push(await worker.ask<Occupied>(request));
    return { peak, warm };
  } finally {
    await worker.stop();
  }
}

const bundles = new Map<string, Promise<string>>();
function bundled(name: string): Promise<string> {
  const found = bundles.get(name) ?? bundle(name);
  bundles.set(name, found);
  return found;
}
