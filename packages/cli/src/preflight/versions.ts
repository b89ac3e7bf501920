import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** The folder of sst.config.ts. */
export const root = new URL("../../../../", import.meta.url);

/** The pnpm that runs this, or else the one on the PATH. */
export async function pnpmVersion(): Promise<string> {
  const [, running] = /pnpm\/(\S+)/.exec(process.env.npm_config_user_agent ?? "") ?? [];
  if (running) return running;
  const found = await promisify(execFile)("pnpm", ["--version"]).catch(() => undefined);
  return found?.stdout.trim() ?? "none on the PATH";
}

export async function npmVersion(): Promise<string> {
  return (await promisify(execFile)("npm", ["--version"])).stdout.trim();
}

/** sst.config.ts names the version that it needs; SST refuses every other. */
export async function sstVersions(): Promise<{ wanted: string; installed: string }> {
  const config = await readFile(new URL("sst.config.ts", root), "utf8");
  const [, wanted = "none named"] = /version: "([^"]+)"/.exec(config) ?? [];
  const installed = await readFile(new URL("node_modules/sst/package.json", root), "utf8").then(
    (text) => String(JSON.parse(text).version),
    () => "none: run pnpm install",
  );
  return { wanted, installed };
}
