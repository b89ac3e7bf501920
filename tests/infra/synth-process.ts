import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "@thumbsmith/synth";

/** Runs `pnpm synth`. If it fails, rejects with what it wrote to standard error. */
export async function synth(options: string[], environment: Record<string, string> = {}): Promise<string> {
  const tsx = path.join(root, "node_modules/.bin/tsx");
  const main = path.join(root, "packages/cli/src/main.ts");
  const env = { PATH: process.env.PATH, ...environment };
  const { stdout } = await promisify(execFile)(tsx, [main, "synth", "--stage", "kim", ...options], {
    env,
    maxBuffer: 10_000_000,
  });
  return stdout;
}
