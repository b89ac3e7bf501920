import { readFile } from "node:fs/promises";
import path from "node:path";
import { Graph, root } from "@thumbsmith/synth";
import { inject, it } from "vitest";
import { code, expectSections } from "../docs/sections.ts";

const folder = path.join(root, "examples/your-application");
const source = (file: string) => readFile(path.join(folder, file), "utf8");

/** The text of a function in a source file, with its comment. */
function functionOf(text: string, name: string): string {
  const [found] =
    new RegExp(`/\\*\\*(?:(?!\\*/)[^])*\\*/\\nexport (?:async )?function ${name}\\([^]*?\\n}`).exec(text) ??
    [];
  if (!found) throw new Error(`Expected a function ${name}.`);
  return found;
}

it("docs/using-it.md has the example's code, and the rights of its role (vitest -u writes them)", async () => {
  const file = path.join(root, "docs/using-it.md");
  const handler = await source("handler.ts");
  const sections = {
    infra: code("ts", await source("infra.ts")),
    policy: code("json", policyOfApplication()),
    server: code("ts", [functionOf(handler, "signPut"), functionOf(handler, "signPost")].join("\n\n")),
    browser: code("ts", await source("browser.ts")),
  };
  await expectSections(file, sections);
});

/** The policy that the example's links give its role, with placeholders for the names that a deployment prints. */
function policyOfApplication(): string {
  const graph = inject("graphs")
    .map((data) => new Graph(data))
    .find(({ data }) => !data.live && data.resources.some(({ name }) => name === "ApplicationRole"));
  if (!graph) throw new Error("Expected a stage with the example.");
  const { uploadsBucket, thumbnailsBucket, keyArn, region } = graph.data.outputs;
  const [{ policy }] = graph.one("iam.Role", "ApplicationRole").inputs.inlinePolicies;
  return JSON.stringify(JSON.parse(policy), null, 2)
    .replaceAll(
      /\[\s+("[^"]*"(?:,\s+"[^"]*")*)\s+\]/g,
      (_, items: string) => `[${items.replaceAll(/\s+/g, " ")}]`,
    )
    .replaceAll(keyArn, "<keyArn>")
    .replaceAll(uploadsBucket, "<uploadsBucket>")
    .replaceAll(thumbnailsBucket, "<thumbnailsBucket>")
    .replaceAll(`s3.${region}.`, "s3.<region>.");
}
