import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A command of the workspace that is running. */
export interface Run {
  child: ChildProcess;
  /** Everything that it has written so far. */
  output: () => string;
  /** Resolves when it has written the text. */
  says(text: string): Promise<void>;
  exit: Promise<number | null>;
}

/** Runs `thumbsmith` with these arguments. */
export function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(process.execPath, ["--import", "tsx", "packages/cli/src/main.ts", ...args], {
    cwd: ROOT,
    env: { ...process.env, INIT_CWD: ROOT, ...env },
  });
  let text = "";
  const heard: (() => void)[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      for (const listener of heard) listener();
    });
  }
  const exit = once(child, "close").then(([code]) => code as number | null);
  return {
    child,
    output: () => text,
    says(expected) {
      return new Promise((resolve, reject) => {
        const listener = () => {
          if (text.includes(expected)) resolve();
        };
        heard.push(listener);
        listener();
        void exit.then((code) =>
          reject(new Error(`It exited with ${code} before it wrote ${expected}:\n${text}`)),
        );
      });
    },
    exit,
  };
}
