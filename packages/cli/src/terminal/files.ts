import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parse } from "@thumbsmith/shared";
import type * as z from "zod/mini";

/** Parses a file of JSON. @throws Error that names the file, and every field that is wrong */
export function parseFile<S extends z.ZodMiniType>(schema: S, text: string, path: string): z.output<S> {
  return parse(schema, jsonOf(text, path), "invalid-environment", path);
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`Expected JSON in ${path}, found something else. Fix the file, or name another.`, {
      cause,
    });
  }
}

/**
 * Makes a folder and its parents. Node's own `recursive` tries forever if `mkdir` fails with ENOENT in a folder that
 * exists, as it does below /proc on Linux.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (code !== "ENOENT" || parent === path || (await isFolder(parent))) throw error;
    await makeFolder(parent);
    await makeFolder(path);
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Writes a file in one step, so that a full disk or Ctrl-C leaves no partial file behind. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.part`;
  await makeFolder(dirname(path));
  try {
    await writeFile(part, bytes);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
