import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { type Config, type Rule, whyNotRead } from "@thumbsmith/shared";

/** A file on this machine, and the object key that it is uploaded as. */
export interface SourceFile {
  path: string;
  key: string;
}

/** A file or folder that is passed over, and why. */
export interface Skipped {
  path: string;
  why: string;
}

export interface FoundFiles {
  sources: SourceFile[];
  skipped: Skipped[];
}

/**
 * The images among files and folders. A folder's files keep their paths below it.
 * @param paths absolute
 * @param leaveOut whether a file or folder inside the named folders is passed over, and why
 * @throws Error when a path does not exist, or when two files would have one key
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
 * The rule that files of this machine are taken by: the first, or the one of this prefix.
 * @throws Error when no rule has the prefix
 */
export function ruleFor({ rules }: Config, prefix = rules[0]?.prefix): Rule {
  const rule = rules.find((candidate) => candidate.prefix === prefix);
  if (rule) return rule;
  throw new Error(
    `Expected one of ${rules.map((candidate) => candidate.prefix).join(", ")}, found ${prefix}.`,
  );
}

/** All files at a path, in the order of their names. What cannot be read, or is left out, comes with the reason. */
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

/** Links to files are followed, and links to folders are not: they could lead round in a circle. */
async function reasonAgainst(path: string, entry: Dirent): Promise<string | undefined> {
  if (entry.name.startsWith(".")) return "its name starts with a dot";
  if (entry.isFile() || entry.isDirectory()) return undefined;
  const target = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : undefined;
  if (target?.isFile()) return undefined;
  if (target?.isDirectory()) return "it links to a folder: pass that folder instead";
  return entry.isSymbolicLink() ? "it is a broken link" : "it is not a regular file";
}
