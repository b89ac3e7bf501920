import { execFile } from "node:child_process";
import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Keeps what takes time to get: outside git, and from run to run. */
export const cache = fileURLToPath(new URL("../../node_modules/.cache/thumbsmith/bench", import.meta.url));

/** A program that is installed on this machine. */
export interface Tool {
  path: string;
  /** As it prints it. */
  version: string;
}

const DEBIAN = {
  vipsthumbnail: { programs: ["vipsthumbnail"], ask: ["--vips-version"], from: "libvips-tools" },
  imagemagick: {
    programs: ["magick", "convert-im6.q16", "convert"],
    ask: ["-version"],
    from: "imagemagick",
  },
  graphicsmagick: { programs: ["gm"], ask: ["version"], from: "graphicsmagick" },
  pillow: {
    // Debian's first: another one in the PATH may have no Pillow.
    programs: ["/usr/bin/python3", "python3"],
    ask: ["-c", "import PIL; print('Pillow', PIL.__version__)"],
    from: "python3-pil",
  },
  python: { programs: ["/usr/bin/python3", "python3"], ask: ["--version"], from: "python3" },
  djpeg: { programs: ["djpeg"], ask: ["-version"], from: "libjpeg-turbo-progs" },
  "heif-enc": { programs: ["heif-enc"], ask: ["--help"], from: "libheif-examples" },
  openssl: { programs: ["openssl"], ask: ["version"], from: "openssl" },
  jpegtran: { programs: ["jpegtran"], ask: ["-version"], from: "libjpeg-turbo-progs" },
} as const;

export type ToolName = keyof typeof DEBIAN;

/** Looks for a tool under each of its names. */
export async function findTool(name: ToolName): Promise<Tool | undefined> {
  const { programs, ask } = DEBIAN[name];
  for (const path of programs) {
    const said = await run(path, [...ask]).catch(() => undefined);
    if (said) return { path, version: versionIn(said.stdout || said.stderr) };
  }
  return undefined;
}

/** The first that looks like a version. */
function versionIn(words: string): string {
  return /\d+\.\d+[\w.+-]*/.exec(words)?.[0] ?? "";
}

/** The Debian package that has the tool. */
export function packageOf(name: ToolName): string {
  return DEBIAN[name].from;
}

/** Like {@link findTool}, for a tool that the measurement cannot do without. */
export async function needTool(name: ToolName): Promise<Tool> {
  const tool = await findTool(name);
  if (tool) return tool;
  throw new Error(
    `The benchmark needs ${name}, which is not installed. On Debian: apt-get install ${packageOf(name)}`,
  );
}

/**
 * Installs the peers from npm, and Node in the versions of Lambda's runtimes, unless they are installed.
 * @returns a file from which they can be required
 */
export async function installPeers(): Promise<string> {
  const wanted = fileURLToPath(new URL("peers/package.json", import.meta.url));
  const manifest = join(cache, "npm/package.json");
  const done = join(cache, "npm/node_modules/.package-lock.json");
  const [asked, has] = await Promise.all([wanted, manifest].map((path) => readFile(path).catch(() => "")));
  const isThere = await readFile(done).then(
    () => String(asked) === String(has),
    () => false,
  );
  if (!isThere) {
    await mkdir(join(cache, "npm"), { recursive: true });
    await cp(wanted, manifest);
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefix", join(cache, "npm")]);
  }
  return manifest;
}
