import { readFile } from "node:fs/promises";
import path from "node:path";
import { it } from "vitest";
import { root } from "./fields.ts";
import { code, expectSections } from "./sections.ts";

const EXAMPLE = path.join(root, "examples/several-widths");

it("docs/using-it.md has the code of several widths (vitest -u writes it)", async () => {
  const read = async (file: string) => code("ts", await readFile(path.join(EXAMPLE, file), "utf8"));
  await expectSections(path.join(root, "docs/using-it.md"), {
    rules: await read("rules.ts"),
    page: await read("page.ts"),
  });
});
