import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const PAGE = new URL("page/", import.meta.url);

/** The page's files by path, with their content types. */
export async function loadAssets(): Promise<Map<string, { type: string; body: string }>> {
  const [html, icon, { js, css }] = await Promise.all([
    readFile(new URL("index.html", PAGE), "utf8"),
    readFile(new URL("icon.svg", PAGE), "utf8"),
    bundle(fileURLToPath(new URL("main.tsx", PAGE))),
  ]);
  return new Map([
    ["/", { type: "text/html; charset=utf-8", body: html }],
    ["/page.css", { type: "text/css; charset=utf-8", body: css }],
    ["/page.js", { type: "text/javascript; charset=utf-8", body: js }],
    ["/icon.svg", { type: "image/svg+xml", body: icon }],
  ]);
}

/** The page's TypeScript and styles, each as one file. Bundling takes about 50 ms, so there is no build step. */
async function bundle(entry: string): Promise<{ js: string; css: string }> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    outdir: "page",
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    sourcemap: "inline",
    logLevel: "silent",
  });
  const textOf = (suffix: string) => outputFiles.find(({ path }) => path.endsWith(suffix))?.text ?? "";
  return { js: textOf(".js"), css: textOf(".css") };
}
