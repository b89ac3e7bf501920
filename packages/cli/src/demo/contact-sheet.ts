import { readFile, writeFile } from "node:fs/promises";
import { thumbnail } from "@thumbsmith/functions";
import type { ReadOutput, Result } from "@thumbsmith/local";
import { type Config, outputFormats, Variant } from "@thumbsmith/shared";
import { Semaphore } from "async-mutex";
import prettyBytes from "pretty-bytes";

/** Sources are shown reduced: a sheet of a thousand should still open. */
const PREVIEW = Variant.parse({ prefix: "preview/", width: 400, height: 220, fit: "inside", format: "webp" });

/**
 * Writes one HTML file with every source next to its outputs. The images are embedded, so the file opens offline and
 * can be sent by mail.
 * @param path the file to write
 */
export async function writeContactSheet(
  path: string,
  results: readonly Result[],
  read: ReadOutput,
  config: Config,
): Promise<void> {
  const limit = new Semaphore(2);
  const cards = await Promise.all(
    results.map((result) => limit.runExclusive(() => card(result, read, config))),
  );
  await writeFile(path, page(cards, results));
}

async function card(result: Result, read: ReadOutput, config: Config): Promise<string> {
  const { key, path, bytes, source, outputs, reason, milliseconds } = result;
  const title = `<h2>${escapeHtml(key)}</h2>`;
  if (!source) return `<article class="rejected">${title}<p>${escapeHtml(reason ?? "")}</p></article>`;
  const rule = { formats: [source.format], variants: [PREVIEW] };
  const { outputs: previews } = await thumbnail(await readFile(path), rule, config.limits);
  const originals = previews.map((preview) => image(preview.bytes, "image/webp", preview, `${key}, reduced`));
  const size = `${source.format}, ${source.width} × ${source.height}, ${prettyBytes(bytes)}`;
  const figures = await Promise.all(outputs.map((output) => figure(output, read)));
  return `<article>${title}<div class="pair">
<figure>${originals.join("")}<figcaption>${size}</figcaption></figure>
${figures.join("\n")}
</div><p>${milliseconds} ms</p></article>`;
}

async function figure(output: Result["outputs"][number], read: ReadOutput): Promise<string> {
  const bytes = await read(output.key);
  const { contentType } = outputFormats[output.format];
  return `<figure>${image(bytes, contentType, output, output.key)}<figcaption><code>${escapeHtml(output.key)}</code><br>${output.format}, ${output.width} × ${output.height}, ${prettyBytes(output.bytes)}</figcaption></figure>`;
}

function image(
  bytes: Uint8Array,
  type: string,
  size: { width: number; height: number },
  alt: string,
): string {
  const { width, height } = size;
  return `<img src="data:${type};base64,${Buffer.from(bytes).toString("base64")}" width="${width}" height="${height}" alt="${escapeHtml(alt)}">`;
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
}

function page(cards: readonly string[], results: readonly Result[]): string {
  const made = results.filter(({ result }) => result === "made").length;
  const rest = results.length - made;
  const others =
    rest === 0
      ? ""
      : `; ${rest} ${rest === 1 ? "has none: its card says" : "have none: their cards say"} why`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Thumbsmith contact sheet</title>
<style>${STYLE}</style>
<header><h1>Thumbsmith contact sheet</h1>
<p>${made} of ${results.length} sources have thumbnails${others}. Thumbnails are shown at their true size, sources reduced.</p></header>
<main>
${cards.join("\n")}
</main>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c1c1c, #e8e8e8); --soft: light-dark(#63635f, #a3a39d);
  --paper: light-dark(#f6f5f2, #161615); --card: light-dark(#fff, #232321); --line: light-dark(#e2e0da, #383834);
  --alarm: light-dark(#a3281f, #ff9186); --check: light-dark(#e9e9e9, #3a3a3a); }
body { margin: 0 auto; max-width: 1280px; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } header p { color: var(--soft); margin: .25rem 0 2rem; }
main { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 36rem), 1fr)); }
article { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem; }
h2 { font-size: .95rem; margin: 0 0 .75rem; overflow-wrap: anywhere; }
.pair { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
.pair figure:first-child { flex: 0 0 17rem; } .pair figure + figure { flex: 1 1 0; min-width: 10rem; }
figure { margin: 0; } img { display: block; max-width: 100%; height: auto; border-radius: 4px;
  background: repeating-conic-gradient(var(--check) 0 25%, transparent 0 50%) 0 0 / 16px 16px; }
figcaption { font-size: .8rem; color: var(--soft); margin-top: .4rem; overflow-wrap: anywhere; }
code { font: inherit; color: var(--ink); } article > p { margin: .75rem 0 0; font-size: .8rem; color: var(--soft); }
.rejected { border-left: 4px solid var(--alarm); } .rejected > p { font-size: .95rem; color: var(--ink); }
`;
