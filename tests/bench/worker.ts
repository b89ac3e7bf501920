import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** A process that stays up, so that its start is not measured: it answers each line of JSON with another. */
export interface Worker {
  /** @throws if the request fails, or the process ends instead of answering */
  ask<Answer>(request: object): Promise<Answer>;
  stop(): Promise<void>;
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** A script of `peers/` in TypeScript. */
export function startScript(name: string, args: readonly string[] = [], environment = {}): Worker {
  return startWorker(process.execPath, ["--import", "tsx", here(`peers/${name}.ts`), ...args], environment);
}

/** A script of `peers/` in Python. */
export function startPython(python: string, name: string, args: readonly string[] = []): Worker {
  return startWorker(python, [here(`peers/${name}.py`), ...args]);
}

/** Any program that reads requests from its standard input and writes answers to its fourth file descriptor. */
export function startWorker(program: string, args: readonly string[], environment = {}): Worker {
  const child = spawn(program, args, {
    cwd: here("../.."),
    env: { ...process.env, ...environment },
    stdio: ["pipe", "ignore", "pipe", "pipe"],
  });
  let words = "";
  child.stderr?.on("data", (data) => {
    words = `${words}${data}`.slice(-2_000);
  });
  // A write after its end needs no error here: `ask` reports the end.
  child.stdin?.on("error", () => {});
  const ended = exitOf(child);
  const lines = createInterface({ input: child.stdio[3] as Readable })[Symbol.asyncIterator]();
  return {
    async ask(request) {
      child.stdin?.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${args.join(" ")} ended (${await ended}): ${words.trim()}`);
      const answer = JSON.parse(value);
      if (answer.error) throw new Error(`${args.join(" ")}: ${answer.error}`);
      return answer;
    },
    async stop() {
      child.stdin?.end();
      // Kills one that ignores the end of its input: it has nothing left to do.
      const patience = setTimeout(() => child.kill("SIGKILL"), 2_000);
      await ended;
      clearTimeout(patience);
    },
  };
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}
