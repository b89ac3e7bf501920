import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

/** How often an object is read if its bytes stop coming. */
const MAX_READS = 3;
/** The longest wait before the object is read again, which doubles each time. */
const BACKOFF_BASE_MS = 100;

/** Reads again if the bytes stop coming. The SDK only retries until it has the headers of the answer. */
export async function again<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let reads = 1; ; reads++) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Interrupted) || reads === MAX_READS || signal.aborted) throw error;
      await delay(Math.random() * BACKOFF_BASE_MS * 2 ** reads, undefined, { signal });
    }
  }
}

/** The bytes of an object stopped coming. */
class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/**
 * Reads a body into one buffer of the size that S3 announced. Collecting the pieces first would take twice the time and
 * memory.
 * @param idleMs milliseconds without a byte after which it gives up
 */
export async function readAll(body: Readable, bytes: number, idleMs: number): Promise<Uint8Array> {
  const whole = Buffer.allocUnsafeSlow(bytes);
  const stalled = setTimeout(() => body.destroy(new Error(`No data for ${idleMs} ms.`)), idleMs);
  let at = 0;
  try {
    for await (const piece of body) {
      at += piece.copy(whole, at);
      stalled.refresh();
    }
  } catch (cause) {
    throw new Interrupted(`Expected ${bytes} bytes, found ${at}.`, { cause });
  } finally {
    clearTimeout(stalled);
  }
  if (at === bytes) return whole;
  throw new Interrupted(`Expected ${bytes} bytes, found ${at}.`);
}
