import { readFile } from "node:fs/promises";
import path from "node:path";
import { Buckets, Config, defineConfig, Edit, Limits, Rule, Variant } from "@thumbsmith/shared";
import { it } from "vitest";
import example from "../../examples/every-field/thumbsmith.config.ts";
import { Settings } from "../../infra/stage.ts";
import { accepted, fieldsOf, root } from "./fields.ts";
import { code, expectSections, table } from "./sections.ts";

const SOURCE = "packages/shared/src/schema.ts";
const EXAMPLE = "examples/every-field/thumbsmith.config.ts";

/** The parts of the configuration, and what each is in the example. */
const parts = [
  { section: "whole", constant: "Fields", schema: Config, values: [example] },
  { section: "rule", constant: "Rule", schema: Rule, values: example.rules },
  {
    section: "variant",
    constant: "Variant",
    schema: Variant,
    values: example.rules.flatMap((r) => r.variants),
  },
  {
    section: "edit",
    constant: "Edit",
    schema: Edit,
    values: example.rules.flatMap((r) => r.variants.flatMap(({ edit }) => edit ?? [])),
  },
  { section: "limits", constant: "Limits", schema: Limits, values: [example.limits] },
  { section: "buckets", constant: "Buckets", schema: Buckets, values: [example.buckets] },
].map(({ constant, schema, ...part }) => ({ ...part, fields: fieldsOf(SOURCE, constant, schema) }));

/** Mistakes that people make. */
const mistaken = `import { defineConfig } from "@thumbsmith/shared";

export default defineConfig({
  rules: [
    {
      prefix: "/uploads",
      variants: [
        { prefix: "thumbnails/", size: 150 },
        { prefix: "thumbnails/large/", width: 20000, format: "png", quality: 90 },
      ],
    },
  ],
  limits: { pixels: 100_000_000 },
});`;

it("docs/configuration.md is what the schemas say (vitest -u writes it)", async () => {
  const file = path.join(root, "docs/configuration.md");
  const sections: Record<string, string> = {
    example: code("ts", await readFile(path.join(root, EXAMPLE), "utf8")),
    mistakes: `${code("ts", mistaken)}\n\n${code("", messageOf(mistaken))}`,
    environment: table(
      ["variable", "default", "meaning"],
      fieldsOf("infra/stage.ts", "Settings", Settings)
        .filter(({ name }) => name !== "stage")
        .map(({ name, default: given, meaning }) => [`\`${name}\``, plain(given), meaning]),
    ),
  };
  for (const { section, fields, values } of parts) {
    sections[section] = table(
      ["field", "accepted", "default", "meaning", "example"],
      fields.map(({ name, schema, required, default: given, meaning }) => {
        const fallback = required ? "required" : written(given);
        const example = values
          .map((each) => written(each[name as keyof typeof each]))
          .find((each) => each && (each !== fallback || each === "below"));
        if (!example) throw new Error(`Expected ${EXAMPLE} to give ${name} another value than its default.`);
        return [`\`${name}\``, accepted(schema), fallback, meaning, example];
      }),
    );
  }
  await expectSections(file, sections);
});

/** What a person reads. */
function messageOf(source: string): string {
  const input = new Function(
    "defineConfig",
    source.replace(/^import .*$/m, "").replace("export default", "return"),
  );
  try {
    input(defineConfig);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("Expected mistakes.");
}

/** A value as it is written, unless it is too long for a table: then it is below. */
function written(value: unknown): string {
  if (typeof value === "function") return `\`${value}\``;
  const json = JSON.stringify(value) ?? "";
  if (json.includes("{")) return "below";
  if (Array.isArray(value)) return `\`[${value.map((one) => JSON.stringify(one)).join(", ")}]\``;
  return (
    json && `\`${typeof value === "number" ? value.toLocaleString("en-US").replaceAll(",", "_") : json}\``
  );
}

/** A default of the environment's, where everything is text. */
function plain(value: unknown): string {
  return String(value ?? "") === "" ? "none" : `\`${value}\``;
}
