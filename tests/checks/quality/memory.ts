// pnpm test:memory [word]: measures the memory that the costliest images of each format take, and compares it with the
// budget. With a word, only those with it in their titles. Linux only.
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeMegabytes, JOBS_IN_HAND, type Variant } from "@thumbsmith/shared";
import { sample } from "@thumbsmith/testing/pixels";
import { limits } from "@thumbsmith/testing/rule";
import sharp, { type Sharp } from "sharp";
import { Unavailable } from "../harness/debian.ts";
import { writeHeic } from "../harness/heic.ts";
import { supervise } from "../harness/supervise.ts";

/** A size of 64 megapixels, the default limit. */
const [WIDTH, HEIGHT] = [9_200, 6_950];
/** Megabytes that libvips takes for any image: its threads' buffers. */
const BUFFER_MEGABYTES = 40;

interface Case {
  title: string;
  name: string;
  write: (photo: Sharp) => { toFile(path: string): Promise<unknown> };
  width?: number;
  height?: number;
  frames?: number;
  variant?: Partial<Variant>;
}

const half = { width: WIDTH / 2, height: HEIGHT / 2 };
const see = (photo: Sharp) => photo.ensureAlpha(0.5);
const deep = (photo: Sharp) => photo.toColourspace("rgb16");
const heic = (photo: Sharp, bits: 8 | 10 = 8) => ({
  toFile: (path: string) => writeHeic(photo, path, bits),
});
/** An animation of 64 megapixels in all. */
const ANIMATION = {
  width: 1_280,
  height: 1_000,
  frames: 50,
  variant: { width: 150, height: 150, animated: true, format: "webp" },
} as const;
/** Encoder fields that take more memory, most of all for an image that cannot be compressed. */
const ASKED: (Partial<Variant> & { side?: number })[] = [
  { format: "jpeg", progressive: true, chromaSubsampling: "4:4:4", quality: 100 },
  { format: "png", progressive: true },
  { format: "png", palette: true, side: 1_000 },
  { format: "webp", effort: 6, quality: 100 },
  { format: "webp", lossless: true },
  { format: "avif", effort: 4, side: 500 },
  { format: "avif", lossless: true },
];
const NOISE = {
  ...{ width: 2_000, height: 2_000, channels: 3 as const, background: "#808080" },
  noise: { type: "gaussian" as const, mean: 128, sigma: 15 },
};
const CASES: Case[] = [
  {
    title: "baseline 4:2:0 of 200 megapixels, upright",
    name: "200.jpg",
    ...{ width: 16_320, height: 12_240 },
    write: (photo) => photo.jpeg({ progressive: false }),
  },
  {
    title: "baseline 4:2:0 of 200 megapixels, on its side",
    name: "200-6.jpg",
    ...{ width: 16_320, height: 12_240 },
    write: (photo) => photo.withMetadata({ orientation: 6 }).jpeg({ progressive: false }),
  },
  { title: "baseline 4:2:0", name: "1.jpg", write: (photo) => photo.jpeg({ progressive: false }) },
  { title: "progressive 4:2:0", name: "2.jpg", write: (photo) => photo.jpeg({ progressive: true }) },
  {
    title: "progressive 4:4:4",
    name: "3.jpg",
    write: (photo) => photo.jpeg({ progressive: true, chromaSubsampling: "4:4:4" }),
  },
  {
    title: "progressive CMYK",
    name: "4.jpg",
    write: (photo) => photo.toColourspace("cmyk").jpeg({ progressive: true }),
  },
  { title: "RGB", name: "1.png", write: (photo) => photo.png({ compressionLevel: 6 }) },
  {
    title: "interlaced RGB",
    name: "2.png",
    write: (photo) => photo.png({ compressionLevel: 6, progressive: true }),
  },
  {
    title: "interlaced 16-bit RGBA",
    name: "3.png",
    ...half,
    write: (photo) => deep(see(photo)).png({ compressionLevel: 6, progressive: true }),
  },
  { title: "lossy", name: "1.webp", write: (photo) => photo.webp({ effort: 0 }) },
  { title: "lossy with transparency", name: "2.webp", write: (photo) => see(photo).webp({ effort: 0 }) },
  {
    title: "lossless with transparency",
    name: "3.webp",
    ...half,
    write: (photo) => see(photo).webp({ effort: 0, lossless: true }),
  },
  { title: "still", name: "1.gif", ...half, write: (photo) => photo.gif({ effort: 1 }) },
  ...["webp", "gif"].flatMap((format) =>
    [ANIMATION, { ...ANIMATION, variant: { ...ANIMATION.variant, width: 600, fit: "inside" as const } }].map(
      (animation): Case => ({
        title: `50 frames, to ${animation.variant.width} pixels`,
        name: `animation.${format}`,
        ...animation,
        write: (photo) => (format === "webp" ? photo.webp({ effort: 0 }) : photo.gif({ effort: 1 })),
      }),
    ),
  ),
  { title: "striped, LZW", name: "1.tiff", write: (photo) => photo.tiff({ compression: "lzw" }) },
  {
    title: "tiled, 4096 × 4096",
    name: "2.tiff",
    write: (photo) => photo.tiff({ compression: "deflate", tile: true, tileWidth: 4_096, tileHeight: 4_096 }),
  },
  {
    title: "16-bit RGBA",
    name: "3.tiff",
    ...half,
    write: (photo) => deep(see(photo)).tiff({ compression: "lzw" }),
  },
  { title: "4:2:0", name: "1.avif", write: (photo) => photo.avif({ effort: 0, chromaSubsampling: "4:2:0" }) },
  { title: "4:4:4", name: "2.avif", write: (photo) => photo.avif({ effort: 0 }) },
  {
    title: "4:4:4 with transparency",
    name: "3.avif",
    ...half,
    write: (photo) => see(photo).avif({ effort: 0 }),
  },
  {
    title: "10-bit 4:4:4",
    name: "4.avif",
    ...half,
    write: (photo) => photo.avif({ effort: 0, bitdepth: 10 }),
  },
  {
    title: "12-bit 4:4:4 with transparency",
    name: "5.avif",
    ...half,
    write: (photo) => see(photo).avif({ effort: 0, bitdepth: 12 }),
  },
  { title: "tiles of 4:2:0", name: "1.heic", write: (photo) => heic(photo) },
  { title: "tiles of 10-bit 4:2:0", name: "2.heic", ...half, write: (photo) => heic(photo, 10) },
  ...(["jpeg", "png", "webp", "avif"] as const).map(
    (format): Case => ({
      title: `baseline, to a ${format} of 4 megapixels`,
      name: "1.jpg",
      write: (photo) => photo.jpeg({ progressive: false }),
      variant: { width: 2_000, height: 2_000, format },
    }),
  ),
  ...ASKED.map(
    ({ format, side = 2_000, ...fields }): Case => ({
      title: `noise, to a ${format} of ${side ** 2 / 1e6} megapixels, ${Object.keys(fields).join(", ")}`,
      name: "noise.png",
      ...{ width: 2_000, height: 2_000 },
      write: () => sharp({ create: NOISE }).png({ compressionLevel: 1 }),
      variant: { width: side, height: side, ...fields, format },
    }),
  ),
];

interface Measured {
  peak: number;
  total: number;
  asked: number;
  pixels: number;
}

async function measure(path: string, variant: Partial<Variant>, times: number): Promise<Measured> {
  let measured: Measured | undefined;
  const args = [path, JSON.stringify(variant), times];
  const crash = await supervise<Measured>(new URL("memory-worker.ts", import.meta.url), args, (line) => {
    measured = line;
  });
  if (!measured) throw new Error(`${path}: ${crash?.reason}\n${crash?.words}`);
  return measured;
}

/** @returns why it cannot be written on this machine */
async function written(photo: Sharp, write: Case["write"], path: string): Promise<Unavailable | undefined> {
  try {
    await write(photo).toFile(path);
    return undefined;
  } catch (error) {
    if (error instanceof Unavailable) return error;
    throw error;
  }
}

const folder = await mkdtemp(join(tmpdir(), "thumbsmith-memory-"));
const budget = decodeMegabytes(limits);
let isOver = false;
try {
  // Blurred, so that even lossless files are within the limit of bytes.
  const small = await sharp(await sample("mountain-sunset-baseline.jpg"))
    .resize(600)
    .png()
    .toBuffer();
  const photo = await sharp(small).resize(WIDTH, HEIGHT, { fit: "fill" }).raw().toBuffer();
  const drawn = async (width: number, height: number, frames: number) => {
    const raw = { width, height: height * frames, channels: 3 as const };
    const opened = sharp(photo, {
      raw: { width: WIDTH, height: HEIGHT, channels: 3 },
      limitInputPixels: false,
    });
    if (width === WIDTH) return opened;
    const pixels = await opened.resize(raw.width, raw.height, { fit: "fill" }).raw().toBuffer();
    const pages = frames > 1 ? { pageHeight: height } : {};
    return sharp(pixels, { raw: { ...raw, ...pages }, limitInputPixels: false });
  };
  console.log(`Limits: ${limits.memory} MB of memory, of which ${budget} MB to decode in.`);
  console.log("| picture | megapixels | peak | peak per megapixel | reserved | at once | process |");
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const { title, name, write, width = WIDTH, height = HEIGHT, frames = 1, variant = {} } of CASES) {
    if (!title.includes(process.argv[2] ?? "")) continue;
    const path = join(folder, name);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    const error = isThere ? undefined : await written(await drawn(width, height, frames), write, path);
    if (error) {
      console.log(`| ${name.split(".")[1]}, ${title} | skipped: ${error.message} |`);
      continue;
    }
    const one = await measure(path, variant, 1);
    const times = Math.min(JOBS_IN_HAND, Math.floor(budget / one.asked));
    const many = await measure(path, variant, times);
    const megapixels = one.pixels / 1e6;
    const isOverNow = one.peak > one.asked + BUFFER_MEGABYTES || many.total > limits.memory;
    isOver ||= isOverNow;
    const cells = [
      `${name.split(".")[1]}, ${title}`,
      megapixels.toFixed(0),
      `${one.peak.toFixed(0)} MB`,
      `${(one.peak / megapixels).toFixed(1)} MB`,
      `${one.asked.toFixed(0)} MB`,
      times,
      `${many.total.toFixed(0)} MB${isOverNow ? " (too much)" : ""}`,
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
} finally {
  await rm(folder, { recursive: true });
}
process.exitCode = isOver ? 1 : 0;
