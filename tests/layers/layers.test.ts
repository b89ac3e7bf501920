import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

/** Which package may import which. Each imports only those above it. */
const LAYERS: Record<string, readonly string[]> = {
  shared: [],
  "aws-local": [],
  synth: [],
  heic: [],
  functions: ["heic", "shared"],
  local: ["aws-local", "functions", "shared"],
  studio: ["aws-local", "functions", "local", "shared"],
  cli: ["aws-local", "functions", "local", "shared", "studio", "synth"],
  testing: ["shared"],
};

/** The only file outside themselves that packages may import: the configuration, which each deployment writes. */
const CONFIG = path.join(root, "thumbsmith.config.ts");

const packages = readdirSync(path.join(root, "packages")).map((directory) => {
  const folder = path.join(root, "packages", directory);
  const manifest: {
    name: string;
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
  } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  return { folder, ...manifest };
});

/** The TypeScript files of a folder, except installed packages. */
function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.tsx?$/.test(file) && !file.includes("node_modules"),
  );
}

it("shared, which every package depends on, depends on two small libraries only", () => {
  const shared = packages.find(({ name }) => name === "@thumbsmith/shared");
  expect(Object.keys(shared?.dependencies ?? {})).toEqual(["picomatch", "zod"]);
});

describe.each(packages)("$name", ({ name, folder, dependencies = {} }) => {
  it("depends only on the packages below it", () => {
    const ours = Object.keys(dependencies).flatMap(
      (dependency) => /^@thumbsmith\/(.+)/.exec(dependency)?.[1] ?? [],
    );
    const allowed = LAYERS[name.replace("@thumbsmith/", "")];
    expect(allowed, `${name} has no row in LAYERS`).toBeDefined();
    expect(ours.filter((each) => !allowed?.includes(each))).toEqual([]);
  });

  it("imports no file outside itself by a path", () => {
    const strays = sourcesOf(folder).flatMap((file) => {
      const from = path.join(folder, file);
      const specifiers = readFileSync(from, "utf8").matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
      return [...specifiers]
        .map(([, specifier = ""]) => path.resolve(path.dirname(from), specifier))
        .filter((target) => !target.startsWith(folder + path.sep) && target !== CONFIG)
        .map((target) => `${file} imports ${path.relative(root, target)}`);
    });
    expect(strays).toEqual([]);
  });
});
