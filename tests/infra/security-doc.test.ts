import { readFile } from "node:fs/promises";
import path from "node:path";
import { root } from "@thumbsmith/synth";
import { expect, it } from "vitest";
import { components } from "./components.ts";
import { controls, inherited } from "./controls/index.ts";
import { waivers } from "./waivers.ts";

it("docs/security.md has the controls and waivers that are tested (vitest -u writes them)", async () => {
  const file = path.join(root, "docs/security.md");
  const document = await readFile(file, "utf8");
  const isWaived = (ids: string[]) =>
    ids.some((id) => waivers.some((waiver) => waiver.id === id && !waiver.live));
  const enforced = controls.filter(({ where }) => where);
  const written = [
    section(
      "controls",
      ["id", "what", "enforced in", "test"],
      [
        ...enforced.map((control) => [
          control.ids.join(" "),
          control.title + (inherited.includes(control) ? " *(all)*" : ""),
          control.where.replaceAll(/[\w./-]+\.ts/g, "`$&`"),
          ["controls", ...(inherited.includes(control) ? ["additions"] : [])].join(", ") +
            (isWaived(control.ids) ? "; see the waivers" : ""),
        ]),
      ],
    ),
    section(
      "waivers",
      ["id", "what would be wanted", "finding", "why not"],
      [
        ...waivers.map(({ id, problem, why, live }) => [
          id + (live ? " (`sst dev` alone)" : ""),
          controls.find(({ ids }) => ids.includes(id))?.title ?? "",
          problem,
          why,
        ]),
      ],
    ),
    section(
      "components",
      ["SST's", "here"],
      components.map(({ names, what }) => [names.map((name) => `\`${name}\``).join(", "), what]),
    ),
  ].reduce((text, replace) => replace(text), document);
  await expect(written).toMatchFileSnapshot(file);
});

/** Writes a table between a section's markers. */
function section(name: string, head: string[], rows: string[][]) {
  const table = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  return (text: string) =>
    text.replace(
      new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->`),
      () => `<!-- ${name} -->\n${table}\n<!-- /${name} -->`,
    );
}
