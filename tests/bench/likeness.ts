import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Variant } from "@thumbsmith/shared";
import sharp from "sharp";
import { lanczos, type Rgb, ssim } from "../checks/quality/ssim.ts";
import type { Bench } from "./bench.ts";
import type { Worker } from "./worker.ts";

export type Box = Pick<Variant, "width" | "height" | "fit">;

/** The results of a perfect resize of a photograph: one for each box. */
export async function references(path: string, boxes: readonly Box[]): Promise<Rgb[]> {
  const source = await pixels(path);
  return boxes.map(({ width = 1, height = 1, fit }) => {
    const scale = (fit === "cover" ? Math.max : Math.min)(width / source.width, height / source.height);
    const resized = lanczos(source, Math.round(source.width * scale), Math.round(source.height * scale));
    return fit === "cover" ? cropped(resized, width, height) : resized;
  });
}

/** The center, as libvips rounds it. */
function cropped(image: Rgb, width: number, height: number): Rgb {
  const left = Math.floor((image.width - width + 1) / 2);
  const top = Math.floor((image.height - height + 1) / 2);
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const start = 3 * ((top + y) * image.width + left);
    data.set(image.data.subarray(start, start + 3 * width), 3 * y * width);
  }
  return { data, width, height };
}

/** The SSIM of a worker's outputs with the references, one for each variant of the request. */
export async function likenesses(
  bench: Bench,
  worker: Worker,
  request: object,
  ideals: readonly Rgb[],
): Promise<number[]> {
  const keep = join(bench.folder, "kept");
  await worker.ask({ ...request, keep });
  return Promise.all(ideals.map(async (ideal, i) => ssim(await pixels(`${keep}-${i}`), ideal)));
}

async function pixels(path: string): Promise<Rgb> {
  const image = sharp(await readFile(path), { limitInputPixels: false }).removeAlpha();
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
