// pnpm test:corpora: files from Debian's packages that were made to break decoders. They are not kept in this repository.
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Unavailable, unpackDebian } from "../harness/debian.ts";
import { supervise } from "../harness/supervise.ts";
import { openViewer, type Viewer } from "./browser.ts";

interface Corpus {
  title: string;
  debian: string;
  /** Paths of its files in the package. A path that matches several corpora belongs to the first. */
  files: RegExp;
  /** Whether all of them must be rejected. */
  refused?: boolean;
}

const PICTURES = /\.(jpe?g|png|gif|webp|tiff?|avif|heic)$/i;
const CORPORA: Corpus[] = [
  { title: "gdk-pixbuf, made to fail", debian: "gdk-pixbuf-tests", files: /test-images\/fail\// },
  {
    title: "gdk-pixbuf, random damage",
    debian: "gdk-pixbuf-tests",
    files: /test-images\/randomly-modified\//,
  },
  { title: "gdk-pixbuf, others", debian: "gdk-pixbuf-tests", files: /test-images\/|gdk-pixbuf\/[^/]+\.\w+$/ },
  { title: "Go's image packages", debian: "golang-1.19-src", files: /src\/image\/.*testdata\// },
  { title: "librsvg, SVG", debian: "librsvg2-tests", files: /\.svgz?$/, refused: true },
  { title: "librsvg, images", debian: "librsvg2-tests", files: /\.(png|jpe?g)$/ },
  { title: "Go's x/image", debian: "golang-golang-x-image-dev", files: PICTURES },
  { title: "cameras' EXIF, goexif", debian: "golang-github-rwcarlsen-goexif-dev", files: PICTURES },
  { title: "imaging, of Go", debian: "golang-github-disintegration-imaging-dev", files: PICTURES },
  {
    title: "mimetype, all kinds of files",
    debian: "golang-github-gabriel-vasile-mimetype-dev",
    files: /testdata\//,
  },
  { title: "scikit-image", debian: "python3-skimage", files: PICTURES },
  { title: "Tux Paint", debian: "tuxpaint-data", files: PICTURES },
  { title: "GNOME's backgrounds", debian: "gnome-backgrounds", files: PICTURES },
];

interface Line {
  i: number;
  end?: string;
  milliseconds?: number;
  megabytes?: number;
}

interface Report {
  files: number;
  ends: Map<string, number>;
  faults: string[];
  /** Rejected files of accepted formats. */
  rejected: string[];
  slowest: { path: string; milliseconds: number };
  megabytes: number;
}

async function run(paths: readonly string[], corpus: Corpus, list: string): Promise<Report> {
  const slowest = { path: "", milliseconds: 0 };
  const report: Report = {
    files: paths.length,
    ends: new Map(),
    faults: [],
    rejected: [],
    slowest,
    megabytes: 0,
  };
  await writeFile(list, JSON.stringify(paths));
  for (let from = 0; from < paths.length; ) {
    let last = from;
    const crash = await supervise<Line>(new URL("worker.ts", import.meta.url), [list, from], (line) => {
      last = line.i;
      if (line.end) note(report, paths[line.i] ?? "", line.end, line, corpus);
    });
    if (!crash) break;
    report.faults.push(`${paths[last]}: ${crash.reason}\n${crash.words}`);
    from = last + 1;
  }
  return report;
}

/** Results that do not count as rejections of ours: browsers also show formats that we do not claim to read. */
const NOT_OURS = ["made", "not-an-image", "heic-not-decodable"];

function note(report: Report, path: string, end: string, line: Line, corpus: Corpus): void {
  const { milliseconds = 0, megabytes = 0 } = line;
  const isFault = end.startsWith("error") || (end === "made" && corpus.refused);
  report.ends.set(end, (report.ends.get(end) ?? 0) + 1);
  report.megabytes = Math.max(report.megabytes, megabytes);
  if (milliseconds > report.slowest.milliseconds) report.slowest = { path, milliseconds };
  if (!NOT_OURS.includes(end)) report.rejected.push(path);
  if (isFault) report.faults.push(`${path}: ${end}`);
}

async function filesOf({ debian, files }: Corpus, taken: Set<string>): Promise<string[]> {
  const folder = await unpackDebian(debian);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => files.test(path) && !taken.has(path));
  for (const path of paths) taken.add(path);
  return paths.sort();
}

/** The rejected files that a browser shows. */
async function shown({ rejected }: Report, viewer: Viewer | undefined): Promise<string[] | undefined> {
  if (!viewer) return undefined;
  const paths: string[] = [];
  for (const path of rejected) if (await viewer.shows(path)) paths.push(path);
  return paths;
}

function row(title: string, report: Report, shown: number | undefined): string {
  const { files, ends, faults, slowest, megabytes } = report;
  const made = ends.get("made") ?? 0;
  const rejected = [...ends].filter(([end]) => end !== "made").sort(([, a], [, b]) => b - a);
  const reasons = rejected.map(([code, count]) => `${count} ${code}`).join(", ");
  return `| ${title} | ${files} | ${made} | ${reasons || "0"} | ${shown ?? "no browser"} | ${faults.length} | ${slowest.milliseconds} ms | ${megabytes} MB |`;
}

async function main(): Promise<number> {
  for (const { debian } of CORPORA) await unpackDebian(debian);
  const folder = await mkdtemp(join(tmpdir(), "thumbsmith-corpora-"));
  const taken = new Set<string>();
  const faults: string[] = [];
  const viewer = await openViewer();
  console.log(
    "| corpus | files | made | rejected | rejected, but Chromium shows them | faults | slowest | peak memory, over idle |",
  );
  console.log("| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |");
  try {
    for (const corpus of CORPORA) {
      const report = await run(await filesOf(corpus, taken), corpus, join(folder, "paths.json"));
      const visible = await shown(report, viewer);
      console.log(row(corpus.title, report, visible?.length));
      for (const path of visible ?? []) console.error(`Rejected, but Chromium shows it: ${path}`);
      faults.push(...report.faults);
    }
  } finally {
    await viewer?.close();
    await rm(folder, { recursive: true });
  }
  for (const fault of faults) console.error(fault);
  return faults.length === 0 ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof Unavailable)) throw error;
  console.log(
    `Skipped: ${error.message}\nThis needs a machine with apt-get and the package lists of Debian.`,
  );
  return 0;
});
