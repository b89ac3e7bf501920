import { readFile } from "node:fs/promises";
import path from "node:path";
import { platform } from "@thumbsmith/synth";
import { expect, it } from "vitest";
import { components } from "./components.ts";

it("docs/security.md says how every component of SST is protected", async () => {
  const folder = path.join(platform, "src/components/aws");
  const index = await readFile(path.join(folder, "index.ts"), "utf8");
  const files = [...index.matchAll(/export \* from "\.\/([\w-]+)\.js"/g)].map(([, file]) => `${file}.ts`);
  const sources = await Promise.all(files.map((file) => readFile(path.join(folder, file), "utf8")));
  const exported = sources.flatMap((source) =>
    [...source.matchAll(/^export class (\w+)/gm)].map(([, name]) => name),
  );
  expect(components.flatMap(({ names }) => names).sort()).toEqual(exported.sort());
});
