// Decodes one HEIC with libheif's WebAssembly build, then ends its thread: the memory of WebAssembly grows and never
// shrinks, so a thread that was reused would keep the most it ever needed. It is plain JavaScript because Node loads the
// file itself.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parentPort, workerData } from "node:worker_threads";

/** Constants of libheif's heif.h. */
const RGB = 1;
const INTERLEAVED = { 3: 10, 4: 11 };
const INTERLEAVED_CHANNEL = 10;
const NO_OPTIONS = 0;
/** The offset of `strict_decoding` in `heif_decoding_options`, which makes the decoder's warnings errors. */
const STRICT = 21;

const PAGE = 65_536;
const grow = WebAssembly.Memory.prototype.grow;
let isOutOfMemory = false;

/** libheif limits an image's size, but not how much memory its HEVC stream makes the decoder allocate. */
WebAssembly.Memory.prototype.grow = function (pages) {
  if (this.buffer.byteLength + pages * PAGE > workerData.heapBytes) {
    isOutOfMemory = true;
    throw new RangeError("Expected an image that is decoded within its budget.");
  }
  return grow.call(this, pages);
};

const require = createRequire(import.meta.url);
const wasmBinary = readFileSync(require.resolve("libheif-js/libheif-wasm/libheif.wasm"));
const heif = require("libheif-js/libheif-wasm/libheif.js")({ wasmBinary, printErr() {} });

try {
  const answer = decode(workerData);
  parentPort.postMessage(answer, answer.data ? [answer.data] : []);
} catch (error) {
  // This build has no exceptions: libheif traps when it is out of memory, and on some damaged files.
  parentPort.postMessage({ fault: isOutOfMemory ? "memory" : `libheif: ${error.message}` });
}

/**
 * Decodes the primary image as it is displayed: libheif joins its tiles, and turns, mirrors and crops it.
 * @param file the bytes of the HEIC
 * @param head bytes to put before the pixels
 */
function decode({ file, head, width, height, channels }) {
  // libheif's functions write their results here: an error of three words, then a pointer.
  const error = heif._malloc(16);
  const result = error + 12;
  const word = (at) => heif.HEAPU32[at >> 2];
  const checked = (call, ...values) => {
    call(error, ...values);
    if (word(error) !== 0) throw new Error(`error ${word(error)}.${word(error + 4)}`);
  };

  const context = heif._heif_context_alloc();
  const copy = heif._malloc(file.length);
  heif.HEAPU8.set(file, copy);
  checked(heif._heif_context_read_from_memory, context, copy, file.length, NO_OPTIONS);
  checked(heif._heif_context_get_primary_image_handle, context, result);
  const handle = word(result);

  const options = heif._heif_decoding_options_alloc();
  heif.HEAPU8[options + STRICT] = 1;
  checked(heif._heif_decode_image, handle, result, RGB, INTERLEAVED[channels], options);
  const image = word(result);
  const found = [
    heif._heif_image_get_width(image, INTERLEAVED_CHANNEL),
    heif._heif_image_get_height(image, INTERLEAVED_CHANNEL),
  ];
  if (found[0] !== width || found[1] !== height) return { fault: `found ${found.join(" × ")} pixels` };

  const plane = heif._heif_image_get_plane_readonly2(image, INTERLEAVED_CHANNEL, result);
  const [stride, row] = [word(result), width * channels];
  const data = new Uint8Array(head.length + row * height);
  data.set(head);
  for (let y = 0; y < height; y++) {
    const from = plane + y * stride;
    data.set(heif.HEAPU8.subarray(from, from + row), head.length + y * row);
  }
  return { data: data.buffer };
}
