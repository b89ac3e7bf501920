import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { box, u16 } from "@thumbsmith/testing/boxes";
import { type Item, ispe, writeHeif } from "@thumbsmith/testing/heif";
import sharp, { type Sharp } from "sharp";
import { Unavailable } from "./debian.ts";

/** Pixels of a tile's side, as in iPhones' files. */
const TILE = 512;
/** With these, 12 megapixels take about two megabytes, as in an iPhone's file. */
const ENCODER = ["-q", "60", "-p", "preset=fast"];
const run = promisify(execFile);

/**
 * Writes an image in tiles, as an iPhone does. `heif-enc` encodes each.
 * @throws Unavailable if `heif-enc` is not installed
 */
export async function writeHeic(image: Sharp, path: string, bits: 8 | 10 = 8): Promise<void> {
  await run("heif-enc", ["--help"]).catch((cause: unknown) => {
    throw new Unavailable("HEIC needs heif-enc. On Debian: apt-get install libheif-examples", { cause });
  });
  const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const [columns, rows] = [Math.ceil(width / TILE), Math.ceil(height / TILE)];
  const folder = await mkdtemp(join(tmpdir(), "thumbsmith-heic-"));
  const items: Item[] = [];
  const code = async (i: number) => {
    const [left, top] = [(i % columns) * TILE, Math.floor(i / columns) * TILE];
    const [across, down] = [Math.min(TILE, width - left), Math.min(TILE, height - top)];
    const tile = sharp(data, { raw: info, limitInputPixels: false })
      .extract({ left, top, width: across, height: down })
      .extend({ right: TILE - across, bottom: TILE - down, extendWith: "copy" });
    // heif-enc writes ten bits for a PNG with 16.
    items[i] = await coded(bits === 10 ? tile.toColourspace("rgb16") : tile, join(folder, String(i)));
  };
  try {
    const left = Array.from({ length: columns * rows }, (_, i) => i).reverse();
    const work = async () => {
      for (let i = left.pop(); i !== undefined; i = left.pop()) await code(i);
    };
    await Promise.all(Array.from({ length: availableParallelism() }, work));
  } finally {
    await rm(folder, { recursive: true });
  }
  const layout = Buffer.concat([Buffer.of(0, 0, rows - 1, columns - 1), u16(width, height)]);
  const primary = items.push({ type: "grid", data: layout, properties: [ispe(width, height)] });
  const numbers = items.slice(1).map((_, i) => i + 1);
  const references = [box("dimg", u16(primary, items.length - 1, ...numbers))];
  await writeFile(path, writeHeif({ items, primary, references, brands: ["heic", "mif1", "heic"] }));
}

async function coded(tile: Sharp, at: string): Promise<Item> {
  await tile.png({ compressionLevel: 1 }).toFile(`${at}.png`);
  await run("heif-enc", [...ENCODER, `${at}.png`, "-o", `${at}.heic`]);
  const file = await readFile(`${at}.heic`);
  const decoder = file.indexOf("hvcC") - 4;
  const hvcC = file.subarray(decoder, decoder + file.readUInt32BE(decoder));
  const data = file.subarray(file.indexOf("mdat") + 4);
  return { type: "hvc1", data, properties: [hvcC, ispe(TILE, TILE)], isHidden: true };
}
