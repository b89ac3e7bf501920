// pnpm test:sharpness: measures how similar thumbnails are to those of a slow, ideal resize, on photographs from Debian.
// With --pictures, it also makes the images of docs/quality.md again.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { OutputFormat, Variant } from "@thumbsmith/shared";
import { limits, ruleOf } from "@thumbsmith/testing/rule";
import sharp, { type Sharp } from "sharp";
import { encode } from "../../../packages/functions/src/image/encode.ts";
import { thumbnail } from "../../../packages/functions/src/image/thumbnail.ts";
import { Unavailable, unpackDebian } from "../harness/debian.ts";
import { lanczos, type Rgb, ssim } from "./ssim.ts";

/** How far below libvips' best thumbnails may be on average, and a single one. */
const TOLERANCE = { mean: 0.005, single: 0.01 };
/** The photographs of the package that may be shown and changed: CC0 or CC BY. */
const PHOTOGRAPHS = [
  "aitzgorri_by_Aitzol_Berasategi",
  "friends_by_Aitzol_Berasategi",
  "life_by_Aitzol_Berasategi",
  "picosdeeuropa_by_Aitzol_Berasategi",
  "Picture_0B_by_freespace",
  "Picture_1A_by_freespace",
  "seeding_by_Clements_Engelhardt",
  "sunset_by_Aitzol_Berasategi",
  "umang_by_Abhishek_Mudgal",
  "Wine_by_Jakkub_Mede",
];
const FORMATS = ["png", "jpeg", "webp", "avif"] as const;
const BOXES = [
  { width: 150, height: 150, fit: "cover" },
  { width: 640, height: 640, fit: "inside" },
] as const;
/** A variant so large that the others are made from its decode. */
const LARGE = { width: 1_280 };
const pictures = fileURLToPath(new URL("../../../docs/images/quality/", import.meta.url));

type Box = (typeof BOXES)[number];

const pixels = async (image: Sharp): Promise<Rgb> => {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};

async function reference(source: Rgb, { width, height, fit }: Box): Promise<Rgb> {
  const scale = (fit === "cover" ? Math.max : Math.min)(width / source.width, height / source.height);
  const resized = lanczos(source, Math.round(source.width * scale), Math.round(source.height * scale));
  if (fit === "inside") return resized;
  const left = Math.floor((resized.width - width + 1) / 2);
  const top = Math.floor((resized.height - height + 1) / 2);
  return pixels(fromRgb(resized).extract({ left, top, width, height }));
}

const fromRgb = ({ data, width, height }: Rgb) => sharp(data, { raw: { width, height, channels: 3 } });

/** libvips' best: it decodes all pixels, and uses the same encoder. */
function best(source: Rgb, box: Box, format: OutputFormat): Promise<Buffer> {
  const resized = fromRgb(source).resize({ ...box, kernel: "lanczos3" });
  return encode(resized, format, { background: "#ffffff" }).toBuffer();
}

/** libvips' default shortcut. */
function fast(bytes: Uint8Array, box: Box): Promise<Rgb> {
  return pixels(sharp(bytes).resize({ ...box, fastShrinkOnLoad: true }));
}

/** Our thumbnail of the first of these variants, which share a decode. */
async function ours(bytes: Uint8Array, ...variants: Partial<Variant>[]): Promise<Buffer> {
  const { outputs } = await thumbnail(bytes, ruleOf(...variants), limits);
  return outputs[0]?.bytes ?? Buffer.alloc(0);
}

async function main(): Promise<number> {
  const folder = join(await unpackDebian("lomiri-wallpapers-16.04"), "usr/share/backgrounds");
  const isDrawn = process.argv.includes("--pictures");
  if (isDrawn) await mkdir(pictures, { recursive: true });
  const single: Record<(typeof FORMATS)[number], number[]> = { png: [], jpeg: [], webp: [], avif: [] };
  const shared: typeof single = { png: [], jpeg: [], webp: [], avif: [] };
  console.log(`| photograph | box | ${FORMATS.join(" | ")} | shortcut, png |`);
  console.log(`| --- | --- |${" ---: |".repeat(FORMATS.length + 1)}`);
  for (const name of PHOTOGRAPHS) {
    const bytes = await readFile(join(folder, `${name}.jpg`));
    const source = await pixels(sharp(bytes));
    for (const box of BOXES) {
      const ideal = await reference(source, box);
      const cells: string[] = [];
      for (const format of FORMATS) {
        const variant = { ...box, format };
        const [own = 0, together = 0, top = 0] = await Promise.all(
          [ours(bytes, variant), ours(bytes, variant, LARGE), best(source, box, format)].map(async (made) =>
            ssim(await pixels(sharp(await made)), ideal),
          ),
        );
        single[format].push((top - own) / top);
        shared[format].push((top - together) / top);
        cells.push(`${own.toFixed(4)} (${percent((own - top) / top)})`);
      }
      cells.push(ssim(await fast(bytes, box), ideal).toFixed(4));
      const title = name.replace(/_by_.*/, "");
      console.log(`| ${title} | ${box.width}, ${box.fit} | ${cells.join(" | ")} |`);
      if (isDrawn && box.fit === "cover") await draw(title.toLowerCase(), ideal, bytes, box);
    }
  }
  const isSingleFine = summarize("by itself", single);
  const isSharedFine = summarize(`together with a variant of ${LARGE.width}`, shared);
  return isSingleFine && isSharedFine ? 0 : 1;
}

/** @returns whether they are within the tolerance */
function summarize(title: string, losses: Record<string, number[]>): boolean {
  const row = (name: string, of: (values: number[]) => number) =>
    console.log(
      `| ${title}, ${name} | | ${FORMATS.map((format) => percent(-of(losses[format] ?? []))).join(" | ")} | |`,
    );
  const worst = (values: number[]) => Math.max(...values);
  row("mean", mean);
  row("worst", worst);
  return Object.values(losses).every(
    (values) => mean(values) <= TOLERANCE.mean && worst(values) <= TOLERANCE.single,
  );
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const percent = (part: number) => `${part < 0 ? "−" : "+"}${Math.abs(100 * part).toFixed(2)} %`;

/** Draws the reference, ours, and the shortcut's side by side. */
async function draw(title: string, ideal: Rgb, bytes: Buffer, box: Box): Promise<void> {
  const { width, height } = box;
  const shown = [
    await fromRgb(ideal).png().toBuffer(),
    await ours(bytes, box),
    await fromRgb(await fast(bytes, box))
      .png()
      .toBuffer(),
  ];
  const gap = 6;
  const canvas = { width: 3 * width + 2 * gap, height, channels: 3 as const, background: "#ffffff" };
  const sheet = sharp({ create: canvas }).composite(
    shown.map((input, i) => ({ input, left: i * (width + gap), top: 0 })),
  );
  await writeFile(join(pictures, `${title}.webp`), await sheet.webp({ quality: 95, effort: 6 }).toBuffer());
}

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof Unavailable)) throw error;
  console.log(`Skipped: ${error.message}`);
  return 0;
});
