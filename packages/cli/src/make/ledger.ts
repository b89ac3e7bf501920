import { appendFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "@thumbsmith/shared";
import * as z from "zod/mini";

const FileFacts = z.object({ bytes: z.number(), modified: z.number() });
type FileFacts = z.infer<typeof FileFacts>;

/** What was made of one source. Written before its outputs, without their facts, and again after them. */
const Entry = z.object({
  path: z.string(),
  source: FileFacts,
  /** The hash of the rule that it was made with. */
  config: z.string(),
  outputs: z.array(z.object({ key: z.string(), file: z.optional(FileFacts) })),
});
type Entry = z.infer<typeof Entry>;

/**
 * What `make` has written to a folder, so that it remakes only what has changed, and overwrites only its own files. One
 * line per source, and the last one counts. Lines are added as the work goes on, so a run that was killed loses nothing.
 */
export class Ledger {
  readonly #out: string;
  readonly #sources = new Map<string, Entry>();
  readonly #outputs = new Map<string, FileFacts | undefined>();

  private constructor(out: string) {
    this.#out = out;
  }

  static async open(out: string): Promise<Ledger> {
    const ledger = new Ledger(out);
    const file = ledger.#file;
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    for (const line of text.split("\n")) {
      // The last line may have been cut short.
      if (line.endsWith("}")) ledger.#take(parse(Entry, JSON.parse(line), "invalid-environment", file));
    }
    return ledger;
  }

  /** Whether a source's outputs were made from this file with this configuration, and have not changed since. */
  async isCurrent(
    path: string,
    source: FileFacts,
    config: string,
    keys: readonly string[],
  ): Promise<boolean> {
    const made = this.#sources.get(path);
    if (made?.config !== config || !isSame(made.source, source)) return false;
    if (made.outputs.map(({ key }) => key).join() !== keys.join()) return false;
    const facts = await Promise.all(made.outputs.map(({ key }) => factsOf(join(this.#out, key))));
    return made.outputs.every(({ file }, i) => file && facts[i] && isSame(file, facts[i]));
  }

  /** @throws Error if there is a file at one of the keys that `make` did not write */
  async claim(path: string, source: FileFacts, config: string, keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const found = await factsOf(join(this.#out, key));
      const known = this.#outputs.get(key);
      const isOurs = this.#outputs.has(key) && (!known || (found && isSame(known, found)));
      if (found && !isOurs) {
        throw new Error(
          `${join(this.#out, key)} exists already, and this command did not make it. Move it, or choose another --out.`,
        );
      }
    }
    await this.#write({ path, source, config, outputs: keys.map((key) => ({ key })) });
  }

  /** Records that the outputs are written. */
  async settle(path: string, source: FileFacts, config: string, keys: readonly string[]): Promise<void> {
    const outputs = await Promise.all(
      keys.map(async (key) => ({ key, file: await factsOf(join(this.#out, key)) })),
    );
    await this.#write({ path, source, config, outputs });
  }

  get #file(): string {
    return join(this.#out, ".thumbsmith-make.jsonl");
  }

  async #write(entry: Entry): Promise<void> {
    await appendFile(this.#file, `${JSON.stringify(entry)}\n`);
    this.#take(entry);
  }

  #take(entry: Entry): void {
    this.#sources.set(entry.path, entry);
    for (const { key, file } of entry.outputs) this.#outputs.set(key, file);
  }
}

/** A file's size in bytes and modification time in milliseconds. Undefined if there is no such file. */
export async function factsOf(path: string): Promise<FileFacts | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && { bytes: found.size, modified: found.mtimeMs };
}

const isSame = (a: FileFacts, b: FileFacts) => a.bytes === b.bytes && a.modified === b.modified;
