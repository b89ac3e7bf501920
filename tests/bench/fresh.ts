import { bundle } from "./artefact.ts";
import type { Taken } from "./pairs.ts";
import { startWorker, type Worker } from "./worker.ts";

/** What a process took for a request, and its memory in megabytes: now, and at most until now. */
export interface Occupied extends Taken {
  now: number;
  peak: number;
}

/** A process with nothing in it but what it needs, as the function's environment has it. */
export async function startFresh(
  name: string,
  args: readonly string[] = [],
  environment = {},
): Promise<Worker> {
  const isOurs = name !== "sharp";
  const path = await bundled(name);
  return startWorker(process.execPath, [path, ...args], {
    ...(isOurs && { MALLOC_ARENA_MAX: "2" }),
    ...environment,
  });
}

/** Asks a process of its own once, then as often again for the time that it takes when it is warm. */
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
