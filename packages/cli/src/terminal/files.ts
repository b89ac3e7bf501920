import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parse } from "@thumbsmith/shared";
import type * as z from "zod/mini";

/** What a file of JSON says. @throws Error that names the file, and every field that is wrong */
export function parseFile<S extends z.ZodMiniType>(schema: S, text: string, path: string): z.output<S> {
  return parse(schema, jsonOf(text, path), "invalid-environment", path);
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`Expected JSON in ${path}, found something else. Name another file, or write it anew.`, {
      cause,
    });
  }
}

/** A full disk, or Ctrl-C, leaves no half of a file behind. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(part, bytes);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
