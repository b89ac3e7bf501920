// Encodes the tiles of packages/testing/src/heic-tiles.ts again. No npm package encodes HEVC, but one of Debian does:
//
//   apt-get install libheif-examples
//   node packages/testing/make-heic.mjs
import { execFile } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "heic-"));
const side = { width: 64, height: 64 };
const [red, green, blue, white] = [
  { r: 200, g: 60, b: 50 },
  { r: 60, g: 170, b: 80 },
  { r: 60, g: 80, b: 190 },
  { r: 250, g: 250, b: 250 },
];
const plain = (background) => sharp({ create: { ...side, channels: 3, background } });
// For use as alpha: the left half is transparent, the right half opaque.
const halves = sharp(
  Uint8Array.from({ length: 4096 }, (_, i) => (i % 64 < 32 ? 0 : 255)),
  { raw: { ...side, channels: 1 } },
).toColourspace("b-w");

const tiles = {
  red: plain(red),
  green: plain(green),
  blue: plain(blue),
  white: plain(white),
  deepRed: plain(red).toColourspace("rgb16"),
  halves,
};

const lines = [];
for (const [name, image] of Object.entries(tiles)) {
  const [png, heic] = [join(folder, `${name}.png`), join(folder, `${name}.heic`)];
  await image.png().toFile(png);
  await run("heif-enc", ["-q", "90", png, "-o", heic]);
  const file = await readFile(heic);
  const decoder = file.indexOf("hvcC") - 4;
  const hvcC = file.subarray(decoder, decoder + file.readUInt32BE(decoder)).toString("base64");
  const data = file.subarray(file.indexOf("mdat") + 4).toString("base64");
  lines.push(`  ${name}: {\n    hvcC: "${hvcC}",\n    data: "${data}",\n  },`);
}
const head = `/** Images of 64 × 64 pixels in HEVC, and the decoder configuration of each, in base64. Made by \`make-heic.mjs\`. */\n`;
const text = `${head}export const tiles = {\n${lines.join("\n")}\n} as const;\n`;
await writeFile(new URL("src/heic-tiles.ts", import.meta.url), text);
