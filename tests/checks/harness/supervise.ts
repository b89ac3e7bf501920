import { fork } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** Milliseconds without a word after which a worker hangs. */
const PATIENCE = 30_000;
const root = fileURLToPath(new URL("../../..", import.meta.url));

/** How a worker ended, other than well. */
export interface Crash {
  reason: string;
  /** The last of what it wrote to its standard error. */
  words: string;
}

/**
 * Runs a script in a process of its own, so that what ends it ends no more. It talks in lines of JSON on its fourth
 * file descriptor: written there at once, so that a crash takes none of them away.
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
  }, PATIENCE);
  for await (const text of createInterface({ input: worker.stdio[3] as Readable })) {
    watchdog.refresh();
    onLine(JSON.parse(text));
  }
  clearTimeout(watchdog);
  const reason = await ended;
  return reason ? { reason: hangs ? "hangs" : `crash (${reason})`, words } : undefined;
}
