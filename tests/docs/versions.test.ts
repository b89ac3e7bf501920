import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { root } from "./fields.ts";

const read = (file: string) => readFile(path.join(root, file), "utf8");

it.each([
  "README.md",
  "CONTRIBUTING.md",
  ".ci/run",
  ".github/pull_request_template.md",
  ".github/workflows/ci.yml",
  "examples/deploy-from-ci/deploy.yml",
])("%s names the pnpm that package.json pins", async (file) => {
  const { packageManager } = JSON.parse(await read("package.json"));
  const named = (await read(file)).match(/pnpm@[\d.]*\d/g) ?? [];
  expect([...new Set(named)]).toEqual([packageManager]);
});

it("CHANGELOG.md has the version of package.json as its latest release", async () => {
  const { version } = JSON.parse(await read("package.json"));
  const [latest] =
    (await read("CHANGELOG.md")).match(/(?<=^## \[)\d[^\]]*(?=\] - \d{4}-\d{2}-\d{2}$)/m) ?? [];
  expect(latest).toBe(version);
});
