import { join } from "node:path";
import type { Bench } from "./bench.ts";
import type { Taken } from "./pairs.ts";
import manifest from "./peers/package.json" with { type: "json" };
import { startPython, startScript, type Worker } from "./worker.ts";

/** What all of them make from a JPEG. */
export const COVER = [{ width: 150, height: 150, fit: "cover" as const, format: "jpeg", quality: 80 }];

/** A program or library that makes thumbnails. */
export interface Peer {
  name: string;
  title: string;
  make(path: string): Promise<Taken>;
  /** Whether it is started for each photograph. The others stay loaded. */
  isCommand: boolean;
}

const BOX = "150x150";
/** Twice the box: a JPEG decoder may reduce to this, which leaves the filter something to do. */
const TWICE = "300x300";
export const CROP = ["-resize", `${BOX}^`, "-gravity", "center", "-extent", BOX, "-quality", "80"];

const COMMANDS = [
  {
    name: "vipsthumbnail",
    tool: "vipsthumbnail",
    title: "vipsthumbnail",
    hint: "",
    command: (path: string, to: string) => [path, "-s", BOX, "--smartcrop", "centre", "-o", `${to}[Q=80]`],
  },
  {
    name: "imagemagick",
    tool: "imagemagick",
    title: "ImageMagick",
    hint: "",
    command: (path: string, to: string) => [path, ...CROP, to],
  },
  {
    name: "imagemagick-size",
    tool: "imagemagick",
    title: "ImageMagick",
    hint: ", `jpeg:size`",
    command: (path: string, to: string) => ["-define", `jpeg:size=${TWICE}`, path, ...CROP, to],
  },
  {
    name: "graphicsmagick",
    tool: "graphicsmagick",
    title: "GraphicsMagick",
    hint: "",
    command: (path: string, to: string) => ["convert", path, ...CROP, to],
  },
  {
    name: "graphicsmagick-size",
    tool: "graphicsmagick",
    title: "GraphicsMagick",
    hint: ", `-size`",
    command: (path: string, to: string) => ["convert", "-size", TWICE, path, ...CROP, to],
  },
] as const;

const LIBRARIES = [
  { name: "jimp", npm: "jimp" },
  { name: "napi-rs", npm: "@napi-rs/image" },
] as const;

export const SHARPS = ["thumbsmith", "same", "sharp"] as const;

/** Ours, sharp with our settings, and sharp as in tutorials. */
export function startSharps(bench: Bench): Record<(typeof SHARPS)[number], Worker> {
  return {
    thumbsmith: bench.keep(startScript("thumbsmith")),
    same: bench.keep(startScript("sharp", ["same"])),
    sharp: bench.keep(startScript("sharp", ["tutorial"])),
  };
}

/** Ours, and all peers that are installed on this machine. */
export async function findPeers(bench: Bench): Promise<Peer[]> {
  const stays = (name: string, title: string, worker: Worker): Peer => ({
    ...{ name, title, isCommand: false },
    make: (path) => worker.ask<Taken>({ path, variants: COVER }),
  });
  const script = (name: string, title: string, file: string, ...args: string[]) =>
    stays(name, title, bench.keep(startScript(file, args)));
  const found = [
    script("thumbsmith", "Thumbsmith", "thumbsmith"),
    script("sharp", "sharp, as in tutorials", "sharp", "tutorial"),
  ];
  for (const { name, tool, title, hint, command } of COMMANDS) {
    const program = await bench.find(tool);
    if (!program) continue;
    const make = (path: string) =>
      bench.run([program.path, ...command(path, join(bench.folder, `${name}.jpg`))]);
    found.push({ name, title: `${title} ${program.version}${hint}`, make, isCommand: true });
  }
  const pillow = await bench.find("pillow");
  for (const way of pillow ? ["naive", "draft"] : []) {
    const worker = bench.keep(startPython(pillow?.path ?? "", "pillow", [way]));
    found.push(stays(`pillow-${way}`, `Pillow ${pillow?.version}, ${way}`, worker));
  }
  const { dependencies } = manifest;
  const installed = await bench.installed();
  if (installed)
    for (const { name, npm } of LIBRARIES)
      found.push(script(name, `${npm} ${dependencies[npm]}`, name, installed));
  return found;
}
