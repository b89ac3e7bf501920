import { execFile } from "node:child_process";
import { mkdir, rename, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { unpackDebian } from "../checks/harness/debian.ts";
import { writeHeic } from "../checks/harness/heic.ts";
import { cache, needTool } from "./tools.ts";

export interface Photograph {
  name: string;
  path: string;
  megapixels: number;
  /** Its bytes on disk. */
  bytes: number;
  isProgressive: boolean;
  /** Whether jpegtran converted it, without loss, to the other kind. */
  isTurned: boolean;
}

type Kind = "baseline" | "progressive";

const WALLPAPERS = "plasma-workspace-wallpapers/usr/share/wallpapers";
const PLACES = {
  "lomiri-16.04": "lomiri-wallpapers-16.04/usr/share/backgrounds",
  "lomiri-20.04": "lomiri-wallpapers-20.04/usr/share/backgrounds",
  mate: "mate-backgrounds/usr/share/backgrounds/mate",
  plasma: WALLPAPERS,
} as const;

const TEN: { name: string; place: keyof typeof PLACES; file: string; turned?: Kind }[] = [
  { name: "Kleiber", place: "lomiri-20.04", file: "Kleiber_by_Lukas_Baubkus.jpg" },
  { name: "Dragonfly", place: "lomiri-16.04", file: "Dragonfly_by_Bolly.jpg", turned: "baseline" },
  { name: "TwoWings", place: "mate", file: "nature/TwoWings.jpg" },
  { name: "EveningGlow", place: "plasma", file: "EveningGlow/contents/images/2560x1600.jpg" },
  { name: "Path", place: "plasma", file: "Path/contents/images/2560x1600.jpg" },
  { name: "seeding", place: "lomiri-16.04", file: "seeding_by_Clements_Engelhardt.jpg" },
  { name: "sunset", place: "lomiri-16.04", file: "sunset_by_Aitzol_Berasategi.jpg" },
  { name: "Elephants", place: "mate", file: "abstract/Elephants_5640x3172.jpg" },
  { name: "picosdeeuropa", place: "lomiri-16.04", file: "picosdeeuropa_by_Aitzol_Berasategi.jpg" },
  { name: "life", place: "lomiri-16.04", file: "life_by_Aitzol_Berasategi.jpg" },
];

/** Five baseline and five progressive JPEGs of 4 to 20 megapixels, from Debian's packages. */
export async function photographs(): Promise<Photograph[]> {
  const found: Photograph[] = [];
  for (const { name, place, file, turned } of TEN) {
    const path = await unpacked(PLACES[place], file);
    found.push(turned ? await turn(await describe(name, path), turned) : await describe(name, path));
  }
  return found;
}

async function unpacked(place: string, file: string): Promise<string> {
  const [debian = "", ...folders] = place.split("/");
  return join(await unpackDebian(debian), ...folders, file);
}

async function describe(name: string, path: string): Promise<Photograph> {
  const { width, height, isProgressive = false } = await sharp(path).metadata();
  const { size } = await stat(path);
  return { name, path, megapixels: (width * height) / 1e6, bytes: size, isProgressive, isTurned: false };
}

/** The same coefficients, written as a baseline or as a progressive JPEG. */
export async function turn(photograph: Photograph, kind: Kind): Promise<Photograph> {
  if (photograph.isProgressive === (kind === "progressive")) return photograph;
  const path = join(cache, "photographs", `${kind}-${photograph.name}-${basename(photograph.path)}`);
  const how = kind === "progressive" ? ["-progressive"] : [];
  await once(path, async (part) => {
    const { path: jpegtran } = await needTool("jpegtran");
    const options = ["-copy", "all", "-optimize", ...how, "-outfile", part];
    await promisify(execFile)(jpegtran, [...options, photograph.path]);
  });
  return { ...(await describe(photograph.name, path)), isTurned: true };
}

/**
 * One of the ten at another size, as a phone would write it: 4:3, baseline, 4:2:0, quality 90. Its sides let a
 * square be cut from its middle without fractions of a pixel, which would look like a difference in sharpness.
 */
export async function resized(megapixels: number, of = "Kleiber"): Promise<Photograph> {
  const path = join(cache, "photographs", `${of}-of-${megapixels}-megapixels.jpg`);
  await once(path, async (part) => {
    const width = 32 * Math.round(Math.sqrt((megapixels * 1e6 * 4) / 3) / 32);
    const original = TEN.find(({ name }) => name === of);
    if (!original) throw new Error(`${of} is not among the ten photographs.`);
    await sharp(await unpacked(PLACES[original.place], original.file))
      .resize(width, (width * 3) / 4)
      .jpeg({ quality: 90 })
      .toFile(part);
  });
  return describe(`${of}, ${megapixels} megapixels`, path);
}

/** The same pixels, as an iPhone stores them. */
export async function asHeic(photograph: Photograph): Promise<Photograph> {
  const path = join(cache, "photographs", `${basename(photograph.path, ".jpg")}.heic`);
  await once(path, (part) => writeHeic(sharp(photograph.path), part));
  return { ...photograph, path, bytes: (await stat(path)).size };
}

/** An image of a single pixel: what a command takes for it is its time to start. */
export async function pixel(): Promise<string> {
  const path = join(cache, "photographs", "pixel.jpg");
  const create = { width: 1, height: 1, channels: 3 as const, background: "#808080" };
  await once(path, async (part) => {
    await sharp({ create }).jpeg().toFile(part);
  });
  return path;
}

async function once(path: string, make: (part: string) => Promise<void>): Promise<void> {
  if (await stat(path).catch(() => undefined)) return;
  await mkdir(join(cache, "photographs"), { recursive: true });
  await make(`${path}.part`);
  await rename(`${path}.part`, path);
}
