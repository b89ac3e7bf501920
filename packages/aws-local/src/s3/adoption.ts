import { basename, relative, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { watch } from "chokidar";
import type { Bucket } from "./bucket.ts";
import { isObject } from "./version.ts";

/** A file counts as complete once it has kept its size for this long. */
const STABLE_MS = 300;
const IGNORED_NAMES =
  /^\.|~$|\.(?:tmp|temp|part|partial|crdownload|download|swp|swx)$|^(?:Thumbs\.db|desktop\.ini)$/i;
const MAX_KEY_BYTES = 1024;

/**
 * Watches the bucket's folder: files that are added, changed or deleted by hand become objects, new objects or deletions,
 * with the notifications of a PUT or DELETE. That includes changes from before the server was started.
 */
export async function watchFolder(
  bucket: Bucket,
  onError: (error: unknown) => void,
): Promise<{ close(): Promise<void> }> {
  const { folder } = bucket.layout;
  const watcher = watch(folder, {
    followSymlinks: false,
    ignored: (path) => path !== folder && IGNORED_NAMES.test(basename(path)),
    awaitWriteFinish: { stabilityThreshold: STABLE_MS, pollInterval: 50 },
  });
  const adopt = async (key: string) => {
    try {
      while (!watcher.closed && !(await bucket.adopt(key))) await sleep(STABLE_MS);
    } catch (error) {
      onError(error);
    }
  };
  const adoptPath = (path: string) => {
    const key = relative(folder, path).replaceAll(sep, "/");
    if (Buffer.byteLength(key) <= MAX_KEY_BYTES) void adopt(key);
  };
  watcher.on("add", adoptPath).on("change", adoptPath).on("unlink", adoptPath).on("error", onError);
  await new Promise<void>((resolve) => watcher.once("ready", resolve));
  for (const key of bucket.records.keys()) {
    const newest = bucket.records.versions(key)[0];
    if (isObject(newest) && newest.plain) await adopt(key);
  }
  return watcher;
}
