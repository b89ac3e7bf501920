import { watch } from "chokidar";

export interface ConfigWatcher {
  stop(): Promise<void>;
}

/** Calls `onSave` each time the file is saved, one call after the other. */
export async function watchConfig(path: string, onSave: () => Promise<void>): Promise<ConfigWatcher> {
  let calls = Promise.resolve();
  const watcher = watch(path, {
    ignoreInitial: true,
    awaitWriteFinish: { stabilityThreshold: 100, pollInterval: 25 },
  });
  // Some editors write a new file and rename it.
  for (const event of ["add", "change"] as const) {
    watcher.on(event, () => {
      calls = calls.then(onSave);
    });
  }
  await new Promise<void>((resolve) => watcher.once("ready", () => resolve()));
  return {
    async stop() {
      await watcher.close();
      await calls;
    },
  };
}
