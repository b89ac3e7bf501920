import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fromPlatform, installPlatform, root } from "@thumbsmith/synth";
import { deploy, here } from "../sst/deployment.ts";
import { cache } from "./tools.ts";

let built: Promise<string> | undefined;

/** The function's package as SST ships it, but for this machine. @returns its folder */
export function artefact(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const folder = join(cache, "artefact");
  await rm(folder, { recursive: true, force: true });
  await deploy({ stage: "bench", environment: {}, architecture: here }, folder);
  return folder;
}

/** A script of `peers/`, bundled into one file: a loader would add to its memory and its start. */
export async function bundle(name: string): Promise<string> {
  installPlatform();
  const outfile = join(cache, `${name}.mjs`);
  await fromPlatform("esbuild").build({
    entryPoints: [join(root, `tests/bench/peers/${name}.ts`)],
    ...{ outfile, bundle: true, platform: "node", format: "esm", target: "es2023", external: ["sharp"] },
    logLevel: "error",
    // The SDK includes CommonJS that requires Node's own modules.
    banner: {
      js: 'import { createRequire as from } from "node:module"; const require = from(import.meta.url);',
    },
  });
  return outfile;
}
