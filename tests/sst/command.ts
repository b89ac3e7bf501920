import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { root } from "@thumbsmith/synth";
import type { Checkout } from "./checkout.ts";
import type { Recorded } from "./pulumi/main.ts";

/** What `npm` needs to reach its registry from behind a company's proxy. SST runs it to install sharp. */
const NETWORK = /^(NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy|npm_config_registry)$/i;

interface Run {
  /** The exit code. */
  code: number;
  /** What it printed on both streams. */
  said: string;
  /** What the program registered, if it ran. */
  recorded?: Recorded;
}

/**
 * Runs the real `sst` of node_modules with our `pulumi`, so that nothing is downloaded.
 * @param environment needs at least `AWS_ENDPOINT_URL`
 */
export async function sst(
  { folder, configuration }: Checkout,
  args: string[],
  environment: Record<string, string>,
): Promise<Run> {
  const record = join(configuration, "recorded.json");
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => NETWORK.test(name))),
    ...{ PATH: process.env.PATH, HOME: process.env.HOME, XDG_CONFIG_HOME: configuration },
    ...{ SST_SKIP_DEPENDENCY_CHECK: "1", NO_BUN: "1", SST_TELEMETRY_DISABLED: "1", CI: "1" },
    ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "us-east-1" },
    ...{ STAND_IN_RECORD: record, ...environment },
  };
  await rm(record, { force: true });
  const options = { cwd: folder, env, maxBuffer: 100_000_000 };
  const run = await new Promise<Run>((resolve) => {
    execFile(join(root, "node_modules/.bin/sst"), args, options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr });
    });
  });
  const recorded = await readFile(record, "utf8").catch(() => undefined);
  return recorded === undefined ? run : { ...run, recorded: JSON.parse(recorded) };
}
