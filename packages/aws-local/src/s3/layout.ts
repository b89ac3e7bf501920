import { createHash, randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import {
  access,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { isObject, type StoredObject, type Version } from "./version.ts";

export const SETTINGS_FILE = "bucket.json";
const MAX_NAME_BYTES = 255;

/**
 * Where a bucket's files are. The newest bytes of a key are a plain file with the key as its path, unless that path is
 * illegal or taken (S3 can have both `a` and `a/b`, but a folder cannot). Everything else is in a hidden folder.
 */
export class Layout {
  readonly folder: string;
  readonly hidden: string;

  constructor(directory: string, bucket: string) {
    this.folder = join(directory, bucket);
    this.hidden = join(directory, ".s3", bucket);
  }

  async create(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    for (const name of ["bodies", "keys", "uploads"])
      await mkdir(join(this.hidden, name), { recursive: true });
  }

  async remove(): Promise<void> {
    await rmdir(this.folder);
    await rm(this.hidden, { recursive: true, force: true });
  }

  /** A new name for bytes in the hidden folder, where they are written first and may stay. */
  newBody(): { name: string; path: string } {
    const name = randomUUID();
    return { name, path: this.body(name) };
  }

  body(name: string): string {
    return join(this.hidden, "bodies", name);
  }

  plain(key: string): string {
    return join(this.folder, key);
  }

  fileOf(key: string, object: StoredObject): string {
    return object.plain ? this.plain(key) : this.body(object.body);
  }

  /** The stats of the key's plain file, if it has one. */
  async statPlain(key: string): Promise<Stats | undefined> {
    if (!isLegalPath(key)) return undefined;
    const file = await lstat(this.plain(key)).catch(absent);
    return file?.isFile() && (await this.#isReal(this.plain(key))) ? file : undefined;
  }

  /** Prepares the folders of the key's plain file. Returns false if it cannot have one, or another key's is in the way. */
  async claim(key: string): Promise<boolean> {
    if (!isLegalPath(key)) return false;
    const path = this.plain(key);
    try {
      await mkdir(dirname(path), { recursive: true });
    } catch (error) {
      if (isErrno(error, "ENOTDIR", "EEXIST")) return false;
      throw error;
    }
    if (!(await this.#isReal(dirname(path)))) return false;
    const present = await lstat(path).catch(absent);
    return present === undefined || (await this.statPlain(key)) !== undefined;
  }

  /**
   * Moves a key's bytes to where its metadata says. The metadata is written first and commits the change; after a crash
   * between the two, the next start does the move.
   */
  async settle(key: string, versions: Version[]): Promise<void> {
    const objects = versions.filter(isObject);
    for (const object of objects.filter(({ plain }) => !plain)) {
      const path = this.body(object.body);
      if (!(await exists(path))) await rename(this.plain(key), path).catch(absent);
    }
    for (const object of objects.filter(({ plain }) => plain)) {
      await rename(this.body(object.body), this.plain(key)).catch(absent);
    }
  }

  /** Removes folders that have become empty, because S3 has no folders. */
  async prune(key: string): Promise<void> {
    if (!isLegalPath(key)) return;
    for (let path = dirname(this.plain(key)); path !== this.folder; path = dirname(path)) {
      const removed = await rmdir(path).then(
        () => true,
        () => false,
      );
      if (!removed) return;
    }
  }

  async save(key: string, versions: Version[]): Promise<void> {
    if (versions.length === 0) return rm(this.#metadata(key), { force: true });
    await writeAtomically(this.#metadata(key), JSON.stringify({ key, versions }));
  }

  /** Loads all keys with their versions, newest first, and removes bytes that no version names. */
  async load(): Promise<Map<string, Version[]>> {
    await this.create();
    const records = new Map<string, Version[]>();
    for (const name of await readdir(join(this.hidden, "keys"))) {
      if (!name.endsWith(".json")) continue;
      const { key, versions } = JSON.parse(await readFile(join(this.hidden, "keys", name), "utf8"));
      await this.settle(key, versions);
      records.set(key, versions);
    }
    const bodies = new Set([...records.values()].flat().map((version) => isObject(version) && version.body));
    for (const name of await readdir(join(this.hidden, "bodies"))) {
      if (!bodies.has(name)) await rm(this.body(name), { force: true });
    }
    return records;
  }

  // It is not if it is behind a symbolic link, or if the file system treats two names as one (A.jpg, a.jpg).
  async #isReal(path: string): Promise<boolean> {
    return (await realpath(path).catch(absent)) === path;
  }

  #metadata(key: string): string {
    return join(this.hidden, "keys", `${createHash("sha256").update(key).digest("hex")}.json`);
  }
}

/** Replaces a file atomically: a crash leaves either the old or the new one. */
export async function writeAtomically(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

function isLegalPath(key: string): boolean {
  if (/[\x00-\x1f\x7f]/.test(key)) return false;
  return key
    .split("/")
    .every(
      (name) => name !== "" && name !== "." && name !== ".." && Buffer.byteLength(name) <= MAX_NAME_BYTES,
    );
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** For `catch`: undefined if the file does not exist. */
export function absent(error: unknown): undefined {
  if (!isErrno(error, "ENOENT", "ENOTDIR")) throw error;
}

function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
