import { execFile } from "node:child_process";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const SOURCE = "hashicorp/aws";
/** The version of the provider that SST's release of Pulumi's AWS plugin wraps. */
export const VERSION = "5.100.0";

/** Terraform's folder with the provider. It is not in git, and kept between runs. */
const cache = fileURLToPath(new URL("../../../node_modules/.cache/thumbsmith/rehearsal", import.meta.url));

const LOCK = ".terraform.lock.hcl";

/** Prepares a folder from the cache, so that `terraform init` does not have to run again. */
export async function initialise(folder: string): Promise<void> {
  await copyFile(join(cache, LOCK), join(folder, LOCK));
}

/** Runs Terraform in a folder, with the provider of the cache. @returns what it printed */
export function terraformIn(folder: string) {
  const env = { ...process.env, TF_IN_AUTOMATION: "1", TF_DATA_DIR: join(cache, ".terraform") };
  return async (...args: string[]): Promise<string> => {
    const options = { cwd: folder, maxBuffer: 100_000_000, env };
    return (await promisify(execFile)("terraform", args, options)).stdout;
  };
}

/**
 * Makes Terraform find its provider, as configured (`~/.terraformrc`, mirrors, the registry), or in the mirror in
 * TERRAFORM_PLUGIN_DIR. @returns whether it did
 */
export async function hasProvider(): Promise<boolean> {
  const required_providers = { aws: { source: SOURCE, version: VERSION } };
  await mkdir(cache, { recursive: true });
  await writeFile(join(cache, "main.tf.json"), JSON.stringify({ terraform: { required_providers } }));
  const mirror = process.env.TERRAFORM_PLUGIN_DIR;
  const args = mirror ? [`-plugin-dir=${mirror}`] : [];
  return terraformIn(cache)("init", "-input=false", ...args).then(
    () => true,
    () => false,
  );
}
