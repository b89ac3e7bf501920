import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Mutation, mutations } from "./mutations.ts";

/** How many histories of each kind are played to notice a mutation. */
const HISTORIES = "20000";

const home = join(import.meta.dirname, "../..");

/** Writes a mutated copy of the package into node_modules, where its imports are found and other tools ignore it. */
function copy({ file, edits }: Mutation): string {
  const directory = mkdtempSync(join(home, "node_modules/.mutant-"));
  mkdirSync(join(directory, "test"));
  for (const part of ["package.json", "src", "test/model"]) {
    cpSync(join(home, part), join(directory, part), { recursive: true });
  }
  const path = join(directory, file);
  let source = readFileSync(path, "utf8");
  for (const [from, to] of edits) {
    if (!source.includes(from)) throw new Error(`${file} does not have the text of a mutation: ${from}`);
    source = source.replaceAll(from, () => to);
  }
  writeFileSync(path, source);
  return directory;
}

/** Runs the hunt in the copy. It is a separate process, so that no state of one mutant is left for the next. */
function hunt(mutation: Mutation): string {
  const directory = copy(mutation);
  try {
    const script = join(directory, "test/model/hunt.ts");
    const args = ["--no-warnings", "--import", "tsx", script, HISTORIES, mutation.etags ?? ""];
    return execFileSync(process.execPath, args, { encoding: "utf8" });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const wanted = mutations.filter(({ title }) => title.includes(process.argv[2] ?? ""));
let unnoticed = 0;
for (const mutation of wanted) {
  const said = hunt(mutation);
  if (!said.startsWith("noticed")) unnoticed++;
  console.log(`${mutation.title}\n  ${said.trim().replaceAll("\n", "\n  ")}`);
}
console.log(`${wanted.length} mutations, ${unnoticed} unnoticed`);
process.exit(unnoticed === 0 ? 0 : 1);
