import {
  type Config,
  type Manifest,
  manifestKey,
  type OutputRecord,
  outputKey,
  parseManifest,
  ruleOf,
} from "@thumbsmith/shared";
import type { MemoryBucket } from "./bucket.ts";

/** An output that no manifest has named since it was written. */
export interface Unrecorded {
  key: string;
  etag: string;
  source: string;
  /** Index of its handler's config. */
  epoch: number;
  writtenAt: number;
  /** Whether another handler whose config has this output has reconciled the source since. */
  wasSeen: boolean;
}

/** Records what handlers wrote into the thumbnails bucket, and when. */
export class Ledger {
  readonly #unrecorded = new Map<string, Unrecorded>();
  readonly #recordedAt = new Map<string, number>();
  readonly #writtenAt = new Map<string, number>();

  unrecorded(key: string, etag: string | undefined): Unrecorded | undefined {
    return this.#unrecorded.get(key + etag);
  }

  /** @returns when the object that it replaces was written */
  noteOutput(output: Omit<Unrecorded, "wasSeen">): number {
    const before = this.#writtenAt.get(output.key) ?? 0;
    this.#writtenAt.set(output.key, output.writtenAt);
    this.#unrecorded.set(output.key + output.etag, { ...output, wasSeen: false });
    return before;
  }

  noteManifest(body: Uint8Array, now: number): void {
    for (const { key, etag } of outputsIn(body)) {
      this.#unrecorded.delete(key + etag);
      if (!this.#recordedAt.has(key + etag)) this.#recordedAt.set(key + etag, now);
    }
  }

  /** When a manifest first named it; infinity, if none has. */
  recordedAt({ key, etag }: { key: string; etag: string }): number {
    return this.#recordedAt.get(key + etag) ?? Number.POSITIVE_INFINITY;
  }

  noteReconciled(source: string, config: Config, beganAt: number): void {
    const names = outputsOf(config, source);
    for (const output of this.#unrecorded.values()) {
      const isKnown = output.source === source && output.writtenAt < beganAt && names.includes(output.key);
      output.wasSeen ||= isKnown;
    }
  }
}

/** The manifest of a source, if it has one that can be parsed. */
export function manifestAt(thumbnails: MemoryBucket, source: string): Manifest | undefined {
  const found = thumbnails.read(manifestKey(source));
  return found && parseManifest(Buffer.from(found.body).toString());
}

/** The sources that have a manifest. */
export function recordedSources(thumbnails: MemoryBucket): string[] {
  return thumbnails.keys().flatMap((key) => /^manifests\/(.*)\.json$/.exec(key)?.[1] ?? []);
}

/** The outputs that a manifest names. */
export function outputsIn(body: Uint8Array): OutputRecord[] {
  const manifest = parseManifest(Buffer.from(body).toString());
  return manifest?.outcome === "made" ? manifest.outputs : [];
}

/** The keys of a source's outputs under a config. */
export function outputsOf(config: Config, source: string): string[] {
  const rule = ruleOf(config, source);
  return rule ? rule.variants.map((variant) => outputKey(rule, variant, source)) : [];
}
