import { mkdir, readdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { S3Error } from "../errors.ts";
import { Bucket } from "./bucket.ts";
import { exists, SETTINGS_FILE, writeAtomically } from "./layout.ts";
import { lockFolder } from "./lock.ts";
import { Mutex } from "./mutex.ts";
import type { Change } from "./version.ts";

type Listener = (bucket: Bucket, change: Change, sequencer: string) => void;

/** The buckets of a folder: objects in `<directory>/<bucket>/<key>`, versions and metadata in `<directory>/.s3/`. */
export class Storage {
  readonly buckets = new Map<string, Bucket>();
  /** Unlocks the folder for another server. */
  readonly close: () => Promise<void>;
  readonly #directory: string;
  readonly #epoch: number;
  readonly #onChange: Listener;
  readonly #mutex = new Mutex();
  #changes = 0;

  private constructor(directory: string, epoch: number, onChange: Listener, close: () => Promise<void>) {
    this.close = close;
    this.#directory = directory;
    this.#epoch = epoch;
    this.#onChange = onChange;
  }

  static async open(path: string, onChange: Listener): Promise<Storage> {
    await mkdir(join(path, ".s3"), { recursive: true });
    const directory = await realpath(path);
    const unlock = await lockFolder(join(directory, ".s3", "lock"), directory);
    const epoch = await nextEpoch(join(directory, ".s3", "epoch"));
    const storage = new Storage(directory, epoch, onChange, unlock);
    for (const entry of await readdir(join(directory, ".s3"), { withFileTypes: true })) {
      // Without settings, its creation was interrupted before it was answered.
      if (await exists(join(directory, ".s3", entry.name, SETTINGS_FILE)))
        storage.buckets.set(entry.name, await storage.#open(entry.name));
    }
    return storage;
  }

  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (!bucket) throw new S3Error("NoSuchBucket", undefined, { details: { BucketName: name } });
    return bucket;
  }

  /** Creates a bucket. Returns false if one with this name exists. */
  async create(name: string): Promise<boolean> {
    return this.#mutex.run(async () => {
      if (this.buckets.has(name)) return false;
      this.buckets.set(name, await this.#open(name, true));
      return true;
    });
  }

  async remove(name: string): Promise<void> {
    await this.#mutex.run(async () => {
      await this.bucket(name).remove();
      this.buckets.delete(name);
    });
  }

  #open(name: string, create = false): Promise<Bucket> {
    const settings = create ? { created: new Date().toISOString(), notifications: [] } : undefined;
    const onChange: (bucket: Bucket, change: Change) => void = (bucket, change) =>
      this.#onChange(bucket, change, this.#sequencer());
    return Bucket.open(this.#directory, name, onChange, settings);
  }

  /** Increases with every change, also after restarts, and even if the clock is set back. */
  #sequencer(): string {
    this.#changes += 1;
    const hex = (number: number, digits: number) => number.toString(16).toUpperCase().padStart(digits, "0");
    return `${hex(this.#epoch, 6)}${hex(this.#changes, 12)}`;
  }
}

async function nextEpoch(file: string): Promise<number> {
  const last = await readFile(file, "utf8").catch(() => "0");
  const epoch = Number(last) + 1;
  await writeAtomically(file, String(epoch));
  return epoch;
}
