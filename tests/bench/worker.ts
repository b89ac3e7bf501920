import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** A process that stays, so that its start is not measured: it takes lines of JSON, and answers each with one. */
export interface Worker {
  /** @throws when the request fails, or the process ends instead of answering */
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
  // What it was asked when it had ended is answered by its end.
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
      // One that does not listen to the end of its input has nothing left to do either.
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
