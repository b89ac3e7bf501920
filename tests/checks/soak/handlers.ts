import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Cloud } from "./cloud.ts";

const script = fileURLToPath(new URL("./handler.ts", import.meta.url));

/** Handler processes. When one ends, another is started. */
export interface Handlers {
  /** The number of jobs by their result or code. */
  ends: Map<string, number>;
  /** Kills one without notice. @returns whether there was one to kill */
  kill(chance: number): boolean;
  stop(): Promise<void>;
}

export async function startHandlers({ endpoint, queue }: Cloud, count: number): Promise<Handlers> {
  const ends = new Map<string, number>();
  const ready = new Set<ChildProcess>();
  const all = new Set<ChildProcess>();
  let stopping = false;

  function start() {
    const child = fork(script, [endpoint, queue.url, queue.arn], {
      execArgv: ["--no-warnings", "--import", "tsx"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    all.add(child);
    child.on("message", (word) => {
      if (word === "ready") ready.add(child);
      else ends.set(String(word), (ends.get(String(word)) ?? 0) + 1);
    });
    child.on("exit", () => {
      ready.delete(child);
      all.delete(child);
      if (!stopping) start();
    });
    return child;
  }
  await Promise.all(Array.from({ length: count }, () => once(start(), "message")));

  return {
    ends,
    kill(chance) {
      const victim = [...ready][Math.floor(chance * ready.size)];
      if (!victim) return false;
      ready.delete(victim);
      return victim.kill("SIGKILL");
    },
    async stop() {
      stopping = true;
      const left = [...all].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
      const gone = left.map((child) => once(child, "exit"));
      for (const child of left) child.kill("SIGKILL");
      await Promise.all(gone);
    },
  };
}
