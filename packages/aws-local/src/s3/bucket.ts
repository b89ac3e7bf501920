import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { type FileHandle, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { S3Error } from "../errors.ts";
import type { CorsRule } from "./cors.ts";
import { describeFile } from "./file.ts";
import { absent, Layout, SETTINGS_FILE, writeAtomically } from "./layout.ts";
import { Mutex } from "./mutex.ts";
import type { QueueConfiguration } from "./notifications.ts";
import { Records } from "./records.ts";
import {
  type Change,
  type Condition,
  checkCondition,
  type Draft,
  isObject,
  isSameFile,
  type StoredObject,
  type Version,
} from "./version.ts";

export interface BucketSettings {
  created: string;
  versioning?: "Enabled" | "Suspended";
  notifications: QueueConfiguration[];
  cors?: CorsRule[] | undefined;
}

/** A file that was changed by hand more recently than this may still be growing. */
const SETTLED_AFTER_MS = 250;

/** The objects of one bucket. Changes run one at a time, so a condition still holds when its write is done. */
export class Bucket {
  readonly name: string;
  readonly layout: Layout;
  settings: BucketSettings;
  readonly records: Records;
  readonly #onChange: (change: Change) => void;
  readonly #mutex = new Mutex();
  #deleted = false;

  private constructor(
    name: string,
    layout: Layout,
    settings: BucketSettings,
    records: Records,
    onChange: (bucket: Bucket, change: Change) => void,
  ) {
    this.name = name;
    this.layout = layout;
    this.settings = settings;
    this.records = records;
    this.#onChange = (change) => onChange(this, change);
  }

  /** Opens the bucket in the directory, or creates it there if settings are given. */
  static async open(
    directory: string,
    name: string,
    onChange: (bucket: Bucket, change: Change) => void,
    settings?: BucketSettings,
  ): Promise<Bucket> {
    const layout = new Layout(directory, name);
    const records = new Records(await layout.load());
    const file = join(layout.hidden, SETTINGS_FILE);
    if (settings) await writeAtomically(file, JSON.stringify(settings));
    return new Bucket(name, layout, JSON.parse(await readFile(file, "utf8")), records, onChange);
  }

  async configure(settings: Partial<BucketSettings>): Promise<void> {
    await this.#mutex.run(async () => {
      this.settings = { ...this.settings, ...settings };
      await writeAtomically(join(this.layout.hidden, SETTINGS_FILE), JSON.stringify(this.settings));
    });
  }

  async remove(): Promise<void> {
    await this.#mutex.run(async () => {
      if (this.records.size > 0) throw new S3Error("BucketNotEmpty");
      await this.layout.remove().catch((error) => {
        throw new S3Error("BucketNotEmpty", "There are files in the bucket's folder.", { cause: error });
      });
      this.#deleted = true;
    });
  }

  /** Opens an object. Its bytes stay readable even if the key is written meanwhile. */
  async open(key: string, versionId?: string): Promise<{ object: StoredObject; file: FileHandle }> {
    const found = await this.#tryOpen(key, versionId);
    if (found) return found;
    await this.adopt(key);
    const adopted = await this.#tryOpen(key, versionId);
    if (adopted) return adopted;
    throw new S3Error("ServiceUnavailable");
  }

  async put(key: string, draft: Draft, event: string, condition: Condition = {}): Promise<StoredObject> {
    return this.#mutex.run(async () => {
      const path = this.layout.body(draft.body);
      try {
        const before = this.records.versions(key);
        checkCondition(condition, before[0]);
        const { mtimeMs } = await stat(path);
        return await this.#insert(key, { ...draft, mtimeMs, plain: false }, before, event);
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    });
  }

  /** Deletes a key, as S3 does if no version is given: with versioning, it adds a delete marker. */
  async delete(key: string, condition: Condition = {}): Promise<Version | undefined> {
    return this.#mutex.run(async () => {
      const before = this.records.versions(key);
      checkCondition(condition, before[0]);
      return this.#remove(key, before);
    });
  }

  /** Deletes one version permanently. If it was the newest, the one before it becomes the newest. */
  async deleteVersion(
    key: string,
    versionId: string,
    condition: Condition = {},
  ): Promise<Version | undefined> {
    return this.#mutex.run(async () => {
      const before = this.records.versions(key);
      checkCondition(condition, before[0]);
      const version = before.find((candidate) => candidate.versionId === versionId);
      if (!version) return undefined;
      const after = before.filter((other) => other !== version);
      await this.#commit(key, after);
      this.#onChange({ event: "ObjectRemoved:Delete", key, version });
      return version;
    });
  }

  /** Adopts a change that was made by hand to the key's plain file. Returns false if the file may still be growing. */
  async adopt(key: string): Promise<boolean> {
    const seen = await this.layout.statPlain(key);
    if (this.#isAsLeft(key, seen)) return true;
    if (isBeingWritten(seen)) return false;
    const draft = seen && (await describeFile(this.layout.plain(key)));
    return this.#mutex.run(async () => {
      const now = await this.layout.statPlain(key);
      if (now?.mtimeMs !== seen?.mtimeMs || now?.size !== seen?.size) return false;
      if (!this.#isAsLeft(key, now)) await this.#replacePlain(key, draft, now);
      return true;
    });
  }

  async #replacePlain(key: string, draft: Draft | undefined, file: Stats | undefined): Promise<void> {
    const versions = this.records.versions(key);
    const plain = versions.filter(isObject).find((object) => object.plain);
    // The bytes of the plain file's previous version were overwritten, so that version is gone.
    const kept = versions.filter((version) => version !== plain);
    if (!draft || !file) {
      await this.#remove(key, kept);
    } else if (plain?.etag === draft.etag) {
      await this.#commit(key, [{ ...plain, mtimeMs: file.mtimeMs }, ...kept]);
    } else {
      await this.#insert(key, { ...draft, mtimeMs: file.mtimeMs, plain: true }, kept, "ObjectCreated:Put");
    }
  }

  async #tryOpen(
    key: string,
    versionId?: string,
  ): Promise<{ object: StoredObject; file: FileHandle } | undefined> {
    return this.#mutex.run(async () => {
      const object = this.records.find(key, versionId);
      const file = await open(this.layout.fileOf(key, object)).catch(absent);
      if (file && isSameFile(object, await file.stat())) return { object, file };
      await file?.close();
      return undefined;
    });
  }

  #isAsLeft(key: string, file: Stats | undefined): boolean {
    const newest = this.records.versions(key)[0];
    if (!isObject(newest) || !newest.plain) return file === undefined;
    return file !== undefined && isSameFile(newest, file);
  }

  async #insert(
    key: string,
    draft: Draft & Pick<StoredObject, "plain" | "mtimeMs">,
    before: readonly Version[],
    event: string,
  ): Promise<StoredObject> {
    const object = { ...draft, ...this.#newVersion() };
    const kept = before.filter(({ versionId }) => versionId !== object.versionId);
    await this.#commit(key, [object, ...kept]);
    this.#onChange({ event, key, version: object });
    return object;
  }

  async #remove(key: string, before: readonly Version[]): Promise<Version | undefined> {
    if (this.settings.versioning === undefined) {
      if (this.records.versions(key).length === 0) return undefined;
      await this.#commit(key, []);
      this.#onChange({ event: "ObjectRemoved:Delete", key, version: undefined });
      return undefined;
    }
    const marker = { deleteMarker: true as const, ...this.#newVersion() };
    const kept = before.filter(({ versionId }) => versionId !== marker.versionId);
    await this.#commit(key, [marker, ...kept]);
    this.#onChange({ event: "ObjectRemoved:DeleteMarkerCreated", key, version: marker });
    return marker;
  }

  #newVersion(): { versionId: string; lastModified: string } {
    const versionId = this.settings.versioning === "Enabled" ? randomBytes(24).toString("base64url") : "null";
    // HTTP dates have whole seconds.
    return { versionId, lastModified: new Date(Math.floor(Date.now() / 1000) * 1000).toISOString() };
  }

  async #commit(key: string, versions: readonly Version[]): Promise<void> {
    if (this.#deleted) throw new S3Error("NoSuchBucket");
    const plain = isObject(versions[0]) && (await this.layout.claim(key));
    const after = versions.map((version, index) =>
      isObject(version) ? { ...version, plain: plain && index === 0 } : version,
    );
    const kept = new Set(after.map((version) => isObject(version) && version.body));
    const gone = this.records
      .versions(key)
      .filter(isObject)
      .filter(({ body }) => !kept.has(body));
    // Remove the file before its metadata: without metadata, it would be adopted as if it were added by hand.
    if (!plain && gone.some((object) => object.plain)) await rm(this.layout.plain(key), { force: true });
    await this.layout.save(key, after);
    this.records.set(key, after);
    await this.layout.settle(key, after);
    for (const object of gone) await rm(this.layout.body(object.body), { force: true });
    if (!plain) await this.layout.prune(key);
  }
}

function isBeingWritten(file: Stats | undefined): boolean {
  const age = Date.now() - (file?.mtimeMs ?? 0);
  return age >= 0 && age < SETTLED_AFTER_MS;
}
