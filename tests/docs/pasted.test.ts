import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "@thumbsmith/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "./fields.ts";

const pages = ["README.md", "examples/README.md"];
for (const name of await readdir(join(root, "docs"))) if (name.endsWith(".md")) pages.push(`docs/${name}`);
const configurations = await Promise.all(
  pages.map(async (page) => {
    // What is shown as a mistake is one.
    const text = (await readFile(join(root, page), "utf8")).replace(
      /<!-- mistakes -->.*<!-- \/mistakes -->/s,
      "",
    );
    const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
    return blocks.filter((code) => code.includes("defineConfig(")).map((code) => ({ page, code }));
  }),
);

describe("a configuration that a page shows", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "thumbsmith-pasted-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(configurations.flat())("in $page is valid as it stands there", async ({ code }) => {
    const file = join(folder, "thumbsmith.config.ts");
    await writeFile(file, code);
    expect((await readConfig(file)).rules.length).toBeGreaterThan(0);
  });
});
