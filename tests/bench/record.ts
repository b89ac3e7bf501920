import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import * as z from "zod/mini";
import type { Section } from "./bench.ts";
import { Figure } from "./figures.ts";
import { summaryOf } from "./summary.ts";
import { tableOfTargets } from "./targets.ts";

const docs = (file: string) => fileURLToPath(new URL(`../../docs/${file}`, import.meta.url));

/** docs/performance.json: the figures of each part, as they were last measured. */
const Performance = z.record(
  z.string(),
  z.object({ pairs: z.number(), on: z.string(), figures: z.record(z.string(), Figure) }),
);
export type Performance = z.infer<typeof Performance>;

export async function readRecord(): Promise<Performance> {
  const text = await readFile(docs("performance.json"), "utf8").catch(() => "{}");
  return Performance.parse(JSON.parse(text));
}

/** Writes the section of a part, its plots and its figures, and the summary and the targets again. */
export async function record(name: string, section: Section, pairs: number): Promise<void> {
  const performance = await readRecord();
  const on = new Date().toISOString().slice(0, 10);
  performance[name] = { pairs, on, figures: section.figures };
  const sorted = Object.fromEntries(Object.entries(performance).sort());
  await writeFile(docs("performance.json"), `${JSON.stringify(sorted, null, 2)}\n`);
  await mkdir(docs("images/performance"), { recursive: true });
  for (const [file, svg] of Object.entries(section.plots ?? {}))
    await writeFile(docs(`images/performance/${file}.svg`), svg);
  const figures = Object.fromEntries(
    Object.entries(performance).map(([part, { figures }]) => [part, figures]),
  );
  const page = await readFile(docs("performance.md"), "utf8");
  const sections = {
    [name]: section.text,
    summary: summaryOf(figures),
    targets: tableOfTargets(figures),
    machine: machine(),
  };
  await writeFile(docs("performance.md"), filled(page, sections));
}

/** Puts texts between `<!-- name -->` and `<!-- end of name -->`. */
export function filled(page: string, sections: Record<string, string>): string {
  return Object.entries(sections).reduce((text, [name, section]) => {
    const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from === -1 || to < from) throw new Error(`Expected "${start}" and "${end}" in docs/performance.md.`);
    return `${text.slice(0, from)}${start}\n${section}\n${text.slice(to)}`;
  }, page);
}

function machine(): string {
  const [cpu] = cpus();
  const { vips, sharp: version } = sharp.versions;
  return `Measured on ${cpus().length} cores of ${cpu?.model.trim() || process.arch}, Linux, Node ${process.versions.node}, sharp ${version}, libvips ${vips}.`;
}
