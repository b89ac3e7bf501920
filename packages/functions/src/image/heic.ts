import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { ThumbsmithError } from "@thumbsmith/shared";
import { heifProfile } from "./bytes/heif-colour.ts";
import { tiffHead } from "./bytes/tiff-head.ts";
import type { Inspected } from "./header.ts";
import { corrupt, tooSlow } from "./rejections.ts";

/** What the decoder answers: a file, or why there is none. */
type Answer = { data: ArrayBuffer } | { fault: string };

/**
 * Decodes a HEIC into a TIFF, in which libvips finds its pixels upright and with their profile, and no EXIF to turn them
 * once more. Each has a thread of its own, since the memory of WebAssembly is given back only with its thread.
 * @param deadline by the clock of `performance.now`
 */
export async function decodeHeic(image: Inspected, deadline: number): Promise<Buffer> {
  const { bytes, width, height, hasAlpha, megabytes } = image;
  const channels = hasAlpha ? 4 : 3;
  const head = tiffHead({ width, height, channels, profile: heifProfile(bytes) });
  // With what it answers, no more than it was admitted with, though it be larger than its header says.
  const heapBytes = megabytes * 1e6 - head.length - width * height * channels;
  const answer = await ask({ file: bytes, head, width, height, channels, heapBytes }, deadline);
  if ("data" in answer) return Buffer.from(answer.data);
  if (answer.fault !== "memory") throw corrupt("heic", new Error(answer.fault));
  const message = `Expected a picture that takes as much memory as one of ${width} × ${height} pixels, which its header names, found one that takes more.`;
  throw new ThumbsmithError("too-many-pixels", message);
}

async function ask(workerData: object, deadline: number): Promise<Answer> {
  // Neither what this process was started with nor its environment is of use to a decoder.
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

/** Found as it is called for, and by no `import`: a function whose rules take no HEIC is packed without it. */
function decoderPath(): string {
  try {
    return createRequire(import.meta.url).resolve("@thumbsmith/heic/worker");
  } catch (cause) {
    const message =
      'Expected the decoder of HEIC, which is packed where a rule\'s `formats` has "heic", found none. Deploy again.';
    throw new Error(message, { cause });
  }
}
