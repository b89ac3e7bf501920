import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The latest release of the function's runtime, and of AWS's client of the Runtime API. */
const PACKAGES = ["node@22.23.3", "aws-lambda-ric@4.0.2"];
/** The programs that build the client's native part. */
const BUILT_WITH = ["cmake", "make", "g++", "xz"];

/** Not in git, and kept between runs. */
const cache = fileURLToPath(new URL("../../../node_modules/.cache/thumbsmith/runtime", import.meta.url));
export const node = join(cache, "node_modules/node/bin/node");
export const client = join(cache, "node_modules/aws-lambda-ric/index.mjs");

const run = promisify(execFile);

/** @returns the programs that are missing on this machine */
export async function missing(): Promise<string[]> {
  const found = await Promise.all(
    BUILT_WITH.map((program) =>
      run("which", [program]).then(
        () => [],
        () => [program],
      ),
    ),
  );
  return found.flat();
}

/** Installs Node 22 and the client, which takes minutes the first time: it builds its own curl. */
export async function install(): Promise<void> {
  if (existsSync(join(dirname(client), "rapid-client.node"))) return;
  await mkdir(cache, { recursive: true });
  const headers = dirname(dirname(process.execPath));
  const env = {
    ...process.env,
    PATH: `${dirname(node)}:${process.env.PATH}`,
    // The native part uses only Node-API, so the headers of any Node will do.
    ...(existsSync(join(headers, "include/node")) && { npm_config_nodedir: headers }),
  };
  for (const name of PACKAGES) {
    await run("npm", ["install", "--prefix", cache, name], { env, maxBuffer: 100_000_000 });
  }
}
