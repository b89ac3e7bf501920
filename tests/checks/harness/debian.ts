import { execFile } from "node:child_process";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const cache = fileURLToPath(new URL("../../../node_modules/.cache/thumbsmith", import.meta.url));

/** A Debian package cannot be downloaded on this machine, so a check is skipped. */
export class Unavailable extends Error {}

/**
 * Unpacks a Debian package into a cache, without installing it.
 * @returns the folder
 * @throws Unavailable
 */
export async function unpackDebian(name: string): Promise<string> {
  const folder = join(cache, name);
  if (await readdir(folder).catch(() => undefined)) return folder;
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  try {
    await run("apt-get", ["download", name], { cwd: part });
    const [archive = ""] = await readdir(part);
    await run("dpkg", ["-x", archive, "."], { cwd: part });
    await rm(join(part, archive));
  } catch (cause) {
    await rm(part, { recursive: true, force: true });
    const message = cause instanceof Error ? cause.message.trim() : String(cause);
    throw new Unavailable(`${name} cannot be downloaded here: ${message}`, { cause });
  }
  await rename(part, folder);
  return folder;
}
