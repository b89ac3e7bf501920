import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { type Config, type ConfigInput, defineConfig } from "@thumbsmith/shared";
import { watch } from "chokidar";

/**
 * Reads the configuration from its file as it is now. What that file imports is read once only.
 * @throws Error which says what is wrong with it
 */
export async function readConfig(path: string): Promise<Config> {
  const url = pathToFileURL(path);
  // A module is read once for each address that it is imported by.
  url.searchParams.set("read", String(Date.now()));
  const module: { default?: ConfigInput } = await import(url.href);
  if (module.default) return defineConfig(module.default);
  throw new Error(
    `Expected ${basename(path)} to export its configuration as the default, found no such export.`,
  );
}

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
