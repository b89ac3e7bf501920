import { fork } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** Milliseconds without a line after which a worker counts as hanging. */
const SILENCE_MS = 30_000;
const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Why a worker ended early. */
export interface Crash {
  reason: string;
  /** The end of its standard error. */
  words: string;
}

/**
 * Runs a script in a separate process, so that a crash ends only that. The script writes lines of JSON to file descriptor
 * 3, synchronously, so that a crash does not lose any.
 */
export async function supervise<Line>(
  script: URL,
  args: readonly (string | number)[],
  onLine: (line: Line) => void,
): Promise<Crash | undefined> {
  const worker = fork(fileURLToPath(script), args.map(String), {
    cwd: root,
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "pipe", "pipe", "ipc"],
  });
  const ended = new Promise<string | undefined>((resolve) => {
    worker.once("exit", (code, signal) => resolve(signal ?? (code ? `exit code ${code}` : undefined)));
  });
  let words = "";
  worker.stderr?.on("data", (data) => {
    words = `${words}${data}`.slice(-2_000);
  });
  let hangs = false;
  const watchdog = setTimeout(() => {
    hangs = true;
    worker.kill("SIGKILL");
  }, SILENCE_MS);
  for await (const text of createInterface({ input: worker.stdio[3] as Readable })) {
    watchdog.refresh();
    onLine(JSON.parse(text));
  }
  clearTimeout(watchdog);
  const reason = await ended;
  return reason ? { reason: hangs ? "hangs" : `crash (${reason})`, words } : undefined;
}
