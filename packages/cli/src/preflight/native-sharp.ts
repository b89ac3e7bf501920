import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./versions.ts";

/** `e_machine` of an ELF file. https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const MACHINES: Record<number, string> = { 183: "arm64", 62: "x64" };

/**
 * Installs sharp as SST does for Lambda, on any machine, and returns which architecture its binaries are for. SST 3.19.3
 * takes the version from the `dependencies` of the package.json above `.sst`, which is the root's.
 */
export async function nativeSharp(cpu: string): Promise<string> {
  const { dependencies } = JSON.parse(await readFile(new URL("package.json", root), "utf8"));
  const folder = await mkdtemp(join(tmpdir(), "thumbsmith-preflight-"));
  try {
    await writeFile(join(folder, "package.json"), JSON.stringify({ dependencies }));
    const machine = ["--platform=linux", "--os=linux", `--arch=${cpu}`, `--cpu=${cpu}`, "--libc=glibc"];
    await promisify(execFile)("npm", ["install", "--force", ...machine], { cwd: folder });
    const files = await readdir(join(folder, "node_modules/@img"), { recursive: true });
    const binaries = files.filter((file) => /\.node$|\.so(\.|$)/.test(file));
    const machines = await Promise.all(
      binaries.map(async (file) =>
        (await readFile(join(folder, "node_modules/@img", file))).readUInt16LE(18),
      ),
    );
    const names = [...new Set(machines.map((machine) => MACHINES[machine] ?? `machine ${machine}`))];
    return `sharp for linux ${names.join(" and ") || "nothing"}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
