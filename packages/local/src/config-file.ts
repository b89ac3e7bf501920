import { constants, existsSync } from "node:fs";
import { access, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Config, type ConfigInput, defineConfig } from "@thumbsmith/shared";
import { type BuildFailure, build } from "esbuild";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const SHARED = fileURLToPath(import.meta.resolve("@thumbsmith/shared"));
const CACHE = join(ROOT, "node_modules/.cache/thumbsmith");
/** The configuration of this clone of the repository. */
export const CONFIG_FILE = join(ROOT, "thumbsmith.config.ts");

let reads = 0;

/**
 * Reads a configuration and what it imports, as they are now, even if they were read before.
 * @param path absolute, and possibly outside the clone
 * @throws Error with the name of the file and what is wrong with it
 */
export async function readConfig(path = CONFIG_FILE): Promise<Config> {
  if (!existsSync(path)) throw new Error(`Expected a configuration at ${path}, found no such file.`);
  const name = basename(path);
  try {
    const { default: config } = await load(path);
    if (config) return defineConfig(config);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const message = sentenceOf(error).replace(/^thumbsmith\.config\.ts/, name);
    throw new Error(message, { cause: error });
  }
  throw new Error(`Expected ${name} to export its configuration as the default, found no default export.`);
}

/** Bundles the file first: so it can import `@thumbsmith/shared` from any folder, and Node's module cache is not used. */
async function load(path: string): Promise<{ default?: ConfigInput }> {
  const outfile = join(await bundleFolder(), `thumbsmith-config-${process.pid}-${++reads}.mjs`);
  const { outputFiles } = await build({
    entryPoints: [path],
    outfile,
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    alias: { "@thumbsmith/shared": SHARED },
    nodePaths: [join(ROOT, "node_modules")],
    external: ["sharp"],
    logLevel: "silent",
  });
  try {
    await writeFile(outfile, outputFiles[0]?.contents ?? "");
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(outfile, { force: true });
  }
}

/** A folder of the clone, where the bundle finds packages; or a temporary one, if the clone cannot be written to. */
async function bundleFolder(): Promise<string> {
  try {
    await mkdir(CACHE, { recursive: true });
    await access(CACHE, constants.W_OK);
    return CACHE;
  } catch {
    return tmpdir();
  }
}

/** esbuild's first error with its position, or the error's message. */
function sentenceOf(error: Error): string {
  const [first] = "errors" in error ? (error as BuildFailure).errors : [];
  if (!first) return error.message;
  const { file, line, column } = first.location ?? {};
  return file ? `${file}:${line}:${(column ?? 0) + 1}: ${first.text}` : first.text;
}
