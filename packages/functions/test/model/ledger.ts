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
  /** Index of the config that its handler began with. */
  epoch: number;
  writtenAt: number;
  /** A look at its source has ended since, by one who knew its name. */
  wasSeen: boolean;
}

/** What the handlers wrote into the thumbnails bucket, and when. */
export class Ledger {
  readonly #unrecorded = new Map<string, Unrecorded>();
  readonly #recorded = new Set<string>();
  readonly #writtenAt = new Map<string, number>();

  unrecorded(key: string, etag: string | undefined): Unrecorded | undefined {
    return this.#unrecorded.get(key + etag);
  }

  /** @returns when the object was written that this one takes the place of */
  noteOutput(output: Omit<Unrecorded, "wasSeen">): number {
    const before = this.#writtenAt.get(output.key) ?? 0;
    this.#writtenAt.set(output.key, output.writtenAt);
    this.#unrecorded.set(output.key + output.etag, { ...output, wasSeen: false });
    return before;
  }

  noteManifest(body: Uint8Array): void {
    for (const { key, etag } of outputsIn(body)) {
      this.#unrecorded.delete(key + etag);
      this.#recorded.add(key + etag);
    }
  }

  /** Whether a manifest has named it before. */
  wasRecorded({ key, etag }: { key: string; etag: string }): boolean {
    return this.#recorded.has(key + etag);
  }

  noteLook(source: string, config: Config, beganAt: number): void {
    const names = outputsOf(config, source);
    for (const output of this.#unrecorded.values()) {
      const isKnown = output.source === source && output.writtenAt < beganAt && names.includes(output.key);
      output.wasSeen ||= isKnown;
    }
  }
}

/** What lies at a source's manifest key, where it is a manifest. */
export function manifestAt(thumbnails: MemoryBucket, source: string): Manifest | undefined {
  const found = thumbnails.read(manifestKey(source));
  return found && parseManifest(Buffer.from(found.body).toString());
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
