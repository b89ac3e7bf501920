import { access, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { root } from "./fields.ts";

const folders = [".", ".github", "docs", "examples", "samples", "packages/aws-local"];
const pages = (
  await Promise.all(
    folders.map(async (folder) =>
      (await readdir(path.join(root, folder))).map((name) => path.join(folder, name)),
    ),
  )
)
  .flat()
  .filter((name) => name.endsWith(".md"));

it.each(pages)("every link of %s leads to a file, and to a heading in it", async (page) => {
  const broken = [];
  for (const [, target = ""] of (await readFile(path.join(root, page), "utf8")).matchAll(
    /\]\(([^)\s]+)\)/g,
  )) {
    if (/^https?:/.test(target)) continue;
    const [file, anchor] = target.split("#");
    const found = path.join(root, file ? path.join(path.dirname(page), file) : page);
    const exists = await access(found).then(
      () => true,
      () => false,
    );
    if (!exists || (anchor && !(await anchorsOf(found)).includes(anchor))) broken.push(target);
  }
  expect(broken).toEqual([]);
});

/** The anchors of a page's headings, as GitHub makes them. */
async function anchorsOf(file: string): Promise<string[]> {
  const headings = (await readFile(file, "utf8")).matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, text = ""]) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
