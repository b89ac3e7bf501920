import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { type Config, type Rule, whyNotRead } from "@thumbsmith/shared";

/** A file on this machine, and the key that it is uploaded under. */
export interface SourceFile {
  path: string;
  key: string;
}

/** A file or folder that is skipped, and why. */
export interface Skipped {
  path: string;
  why: string;
}

export interface FoundFiles {
  sources: SourceFile[];
  skipped: Skipped[];
}

/**
 * Finds the images among files and folders. The files of a folder keep their paths below it.
 * @param paths absolute paths of files and folders
 * @param leaveOut the reason to skip a file or folder inside these folders, if there is one
 * @throws Error if a path does not exist, or if two files would have the same key
 */
export async function findSources(
  paths: readonly string[],
  rule: Rule,
  leaveOut: (path: string) => string | undefined = () => undefined,
): Promise<FoundFiles> {
  const found: FoundFiles = { sources: [], skipped: [] };
  const keys = new Map<string, string>();
  for (const named of paths) {
    let isEmpty = true;
    for await (const { path, why } of walk(named, leaveOut)) {
      isEmpty = false;
      const key =
        rule.prefix + (path === named ? basename(path) : relative(named, path).split(sep).join("/"));
      const reason = why ?? whyNotRead(rule, key);
      if (reason) {
        found.skipped.push({ path, why: reason });
        continue;
      }
      const other = keys.get(key);
      if (other)
        throw new Error(
          `${other} and ${path} would both be uploaded as ${key}. Rename one, or name their folder.`,
        );
      keys.set(key, path);
      found.sources.push({ path, key });
    }
    if (isEmpty) found.skipped.push({ path: named, why: "this folder is empty" });
  }
  return found;
}

/**
 * The rule for files of this machine: the one with this prefix, by default the first.
 * @throws Error if no rule has the prefix
 */
export function ruleFor({ rules }: Config, prefix = rules[0]?.prefix): Rule {
  const rule = rules.find((candidate) => candidate.prefix === prefix);
  if (rule) return rule;
  throw new Error(
    `Expected one of ${rules.map((candidate) => candidate.prefix).join(", ")}, found ${prefix}.`,
  );
}

/** All files at a path, in the order of their names. Files and folders that are skipped come with the reason. */
async function* walk(
  path: string,
  leaveOut: (path: string) => string | undefined,
): AsyncGenerator<{ path: string; why?: string }> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Error(`Expected a file or a folder at ${path}, found none.`, { cause });
  });
  if (!found.isDirectory()) {
    yield { path };
    return;
  }
  let entries: Dirent[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    yield { path, why: `this folder cannot be read: ${error instanceof Error ? error.message : error}` };
    return;
  }
  for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name))) {
    const inside = join(path, entry.name);
    const why = leaveOut(inside) ?? (await reasonAgainst(inside, entry));
    if (why) yield { path: inside, why };
    else if (entry.isDirectory()) yield* walk(inside, leaveOut);
    else yield { path: inside };
  }
}

/** Links to files are followed. Links to folders are not, because they could form a cycle. */
async function reasonAgainst(path: string, entry: Dirent): Promise<string | undefined> {
  if (entry.name.startsWith(".")) return "its name starts with a dot";
  if (entry.isFile() || entry.isDirectory()) return undefined;
  const target = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : undefined;
  if (target?.isFile()) return undefined;
  if (target?.isDirectory()) return "it links to a folder: pass that folder instead";
  return entry.isSymbolicLink() ? "it is a broken link" : "it is not a regular file";
}
