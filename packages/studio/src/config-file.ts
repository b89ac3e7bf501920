import { watch } from "chokidar";

export interface ConfigWatcher {
  stop(): Promise<void>;
}

/** Calls `take` whenever the file was saved, one time after another. */
export async function watchConfig(path: string, take: () => Promise<void>): Promise<ConfigWatcher> {
  let taken = Promise.resolve();
  const watcher = watch(path, {
    ignoreInitial: true,
    awaitWriteFinish: { stabilityThreshold: 100, pollInterval: 25 },
  });
  // Some editors write a new file and rename it.
  for (const event of ["add", "change"] as const) {
    watcher.on(event, () => {
      taken = taken.then(take);
    });
  }
  await new Promise<void>((resolve) => watcher.once("ready", () => resolve()));
  return {
    async stop() {
      await watcher.close();
      await taken;
    },
  };
}
