import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { ThumbsmithError } from "@thumbsmith/shared";
import { heifProfile } from "./bytes/heif-colour.ts";
import { tiffHead } from "./bytes/tiff-head.ts";
import type { Inspected } from "./header.ts";
import { corrupt, tooSlow } from "./rejections.ts";

/** The decoder's answer: a file, or why there is none. */
type Answer = { data: ArrayBuffer } | { fault: string };

/**
 * Decodes a HEIC into a TIFF with upright pixels, the profile, and no EXIF that would turn them again. Each HEIC has its own
 * thread, because WebAssembly frees its memory only when its thread ends.
 * @param deadline in milliseconds, by the clock of `performance.now`
 * @throws ThumbsmithError `corrupt-image`, `too-many-pixels` or `too-slow`
 */
export async function decodeHeic(image: Inspected, deadline: number): Promise<Buffer> {
  const { bytes, width, height, hasAlpha, megabytes } = image;
  const channels = hasAlpha ? 4 : 3;
  const head = tiffHead({ width, height, channels, profile: heifProfile(bytes) });
  // Together with the answer, it may take no more than was admitted, even if the image is larger than its header says.
  const heapBytes = megabytes * 1e6 - head.length - width * height * channels;
  const answer = await ask({ file: bytes, head, width, height, channels, heapBytes }, deadline);
  if ("data" in answer) return Buffer.from(answer.data);
  if (answer.fault !== "memory") throw corrupt("heic", new Error(answer.fault));
  const message = `Expected an image that takes as much memory as the ${width} × ${height} pixels in its header, found one that takes more.`;
  throw new ThumbsmithError("too-many-pixels", message);
}

async function ask(workerData: object, deadline: number): Promise<Answer> {
  // The decoder needs neither this process's options nor its environment, which has credentials.
  const worker = new Worker(decoderPath(), { workerData, execArgv: [], env: {} });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Answer>((resolve, reject) => {
      timer = setTimeout(() => reject(tooSlow()), deadline - performance.now());
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) => resolve({ fault: `the decoder ended with ${code}` }));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

/** Resolved at run time, not imported: the function's package contains the decoder only if a rule accepts HEIC. */
function decoderPath(): string {
  try {
    return createRequire(import.meta.url).resolve("@thumbsmith/heic/worker");
  } catch (cause) {
    const message =
      'Expected the decoder of HEIC, which is deployed if a rule\'s `formats` has "heic", found none. Deploy again.';
    throw new Error(message, { cause });
  }
}
