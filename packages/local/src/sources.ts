import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { type Config, type Rule, ruleOf } from "@thumbsmith/shared";

/** A file on this machine, and the object key that it is uploaded as. */
export interface SourceFile {
  path: string;
  key: string;
}

export interface FoundFiles {
  sources: SourceFile[];
  /** Files whose suffix no upload of the rule may have: S3 would not announce them. */
  skipped: string[];
}

/**
 * The images among files and folders. A folder's files keep their paths below it.
 * @param paths absolute
 * @throws Error when a path does not exist, or when two files would have one key
 */
export async function findSources(paths: readonly string[], rule: Rule): Promise<FoundFiles> {
  const files = (await Promise.all(paths.map(filesAt))).flat();
  const found: FoundFiles = { sources: [], skipped: [] };
  const keys = new Map<string, string>();
  for (const { path, name } of files) {
    const key = rule.prefix + name;
    if (!ruleOf({ rules: [rule] }, key)) {
      found.skipped.push(path);
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

async function filesAt(path: string): Promise<{ path: string; name: string }[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Error(`Expected a file or a folder at ${path}, found none.`, { cause });
  });
  if (!found.isDirectory()) return [{ path, name: basename(path) }];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: file, name: relative(path, file).split(sep).join("/") }))
    .filter(({ name }) => !/(^|\/)\./.test(name))
    .sort((a, b) => a.name.localeCompare(b.name));
}
