import { type Config, MANIFEST_PREFIX, ruleOf } from "@thumbsmith/shared";
import type { MemoryBucket, StoredBytes } from "./bucket.ts";
import { type Ledger, manifestAt, outputsIn, outputsOf } from "./ledger.ts";

interface Remover {
  message: { key: string };
  config: Config;
  /** When it found that the source is deleted. */
  readAt: number;
}

/**
 * Whether a removal removes what the rule keeps: an output that a manifest named before the source was found deleted, or the
 * manifest that names it. With equal ETags for equal bytes, this cannot be told.
 */
export function isLost(
  key: string,
  before: StoredBytes,
  { message, config, readAt }: Remover,
  { thumbnails, ledger, etags }: { thumbnails: MemoryBucket; ledger: Ledger; etags: string },
): boolean {
  if (ruleOf(config, message.key)?.whenDeleted !== "keep" || etags === "digest") return false;
  const manifest = manifestAt(thumbnails, message.key);
  const recorded = manifest?.outcome === "made" ? manifest.outputs : [];
  const gone = key.startsWith(MANIFEST_PREFIX)
    ? outputsIn(before.body).filter((output) => thumbnails.read(output.key)?.etag === output.etag)
    : recorded.filter((output) => output.key === key && output.etag === before.etag);
  const names = outputsOf(config, message.key);
  return gone.some((output) => names.includes(output.key) && ledger.recordedAt(output) < readAt);
}
