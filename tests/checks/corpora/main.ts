// pnpm test:corpora: files that others made to break decoders, from Debian's packages; nothing of them is kept here.
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Unavailable, unpackDebian } from "../harness/debian.ts";
import { supervise } from "../harness/supervise.ts";

interface Corpus {
  title: string;
  debian: string;
  /** Which of the package's files. The first corpus of a package that a path fits has it. */
  files: RegExp;
  /** None of them may be made. */
  refused?: boolean;
}

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
  { title: "librsvg, pictures", debian: "librsvg2-tests", files: /\.(png|jpe?g)$/ },
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
  slowest: { path: string; milliseconds: number };
  megabytes: number;
}

async function run(paths: readonly string[], corpus: Corpus, list: string): Promise<Report> {
  const slowest = { path: "", milliseconds: 0 };
  const report: Report = { files: paths.length, ends: new Map(), faults: [], slowest, megabytes: 0 };
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

function note(report: Report, path: string, end: string, line: Line, corpus: Corpus): void {
  const { milliseconds = 0, megabytes = 0 } = line;
  const isFault = end.startsWith("error") || (end === "made" && corpus.refused);
  report.ends.set(end, (report.ends.get(end) ?? 0) + 1);
  report.megabytes = Math.max(report.megabytes, megabytes);
  if (milliseconds > report.slowest.milliseconds) report.slowest = { path, milliseconds };
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

function row(title: string, { files, ends, faults, slowest, megabytes }: Report): string {
  const made = ends.get("made") ?? 0;
  const rejected = [...ends].filter(([end]) => end !== "made").sort(([, a], [, b]) => b - a);
  const reasons = rejected.map(([code, count]) => `${count} ${code}`).join(", ");
  return `| ${title} | ${files} | ${made} | ${reasons || "0"} | ${faults.length} | ${slowest.milliseconds} ms | ${megabytes} MB |`;
}

async function main(): Promise<number> {
  for (const { debian } of CORPORA) await unpackDebian(debian);
  const folder = await mkdtemp(join(tmpdir(), "thumbsmith-corpora-"));
  const taken = new Set<string>();
  const faults: string[] = [];
  console.log("| corpus | files | made | rejected | faults | slowest | peak memory over idle |");
  console.log("| --- | ---: | ---: | --- | ---: | ---: | ---: |");
  try {
    for (const corpus of CORPORA) {
      const report = await run(await filesOf(corpus, taken), corpus, join(folder, "paths.json"));
      console.log(row(corpus.title, report));
      faults.push(...report.faults);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  for (const fault of faults) console.error(fault);
  return faults.length === 0 ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  if (!(error instanceof Unavailable)) throw error;
  console.log(
    `Skipped: ${error.message}\nThis takes a machine with apt-get and the package lists of Debian.`,
  );
  return 0;
});
