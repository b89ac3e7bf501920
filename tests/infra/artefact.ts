import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { finished } from "node:stream/promises";
import { promisify } from "node:util";
import { fromPlatform, root } from "@thumbsmith/synth";

const handler = path.join(root, "packages/functions/src/handler.ts");

/**
 * Builds the function's package as SST 3.19.3 does for the `nodejs.install` of `infra/subscriber.ts`: the platform's esbuild is
 * the version that the command line has compiled in, and npm is told of the function's machine.
 * @see https://github.com/anomalyco/sst/blob/v3.19.3/pkg/runtime/node/build.go
 */
export async function buildPackage(directory: string, cpu: "arm64" | "x64") {
  // SST looks upwards from where it builds, which is below the root.
  const { dependencies } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  await mkdir(directory, { recursive: true });
  await fromPlatform("esbuild").build({
    entryPoints: [handler],
    outfile: path.join(directory, "bundle.mjs"),
    platform: "node",
    format: "esm",
    target: "es2023",
    bundle: true,
    keepNames: true,
    sourcemap: "linked",
    mainFields: ["module", "main"],
    external: [...Object.keys(dependencies), "pg-native"],
    logLevel: "error",
    banner: {
      js: [
        `import { createRequire as topLevelCreateRequire } from 'module';`,
        `const require = topLevelCreateRequire(import.meta.url);`,
        `import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"`,
        `const __filename = topLevelFileUrlToPath(import.meta.url)`,
        `const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`,
      ].join("\n"),
    },
  });
  await writeFile(path.join(directory, "package.json"), JSON.stringify({ dependencies }));
  const machine = ["--platform=linux", "--os=linux", `--arch=${cpu}`, `--cpu=${cpu}`, "--libc=glibc"];
  await promisify(execFile)("npm", ["install", "--force", ...machine], { cwd: directory });
}

/** The files that go into the package, by SST's rules: all but the source maps, which it keeps elsewhere. */
export async function filesOf(directory: string): Promise<string[]> {
  const files: string[] = await fromPlatform("glob").glob("**", { cwd: directory, dot: true, nodir: true });
  return files.filter((file) => file !== "bundle.mjs.map").sort();
}

/** Zips the package with SST's own archiver. */
export async function zip(directory: string, target: string) {
  const archive = fromPlatform("archiver")("zip", { statConcurrency: 1 });
  const stream = createWriteStream(target);
  archive.pipe(stream);
  for (const name of await filesOf(directory)) {
    archive.file(path.join(directory, name), { name, date: new Date(0) });
  }
  await archive.finalize();
  await finished(stream);
}
