import path from "node:path";
import { root } from "@thumbsmith/synth";
import { it } from "vitest";
import { expectSections, table } from "../docs/sections.ts";
import { components } from "./components.ts";
import { controls, inherited } from "./controls/index.ts";
import { waivers } from "./waivers.ts";

it("docs/security.md has the controls and waivers that are tested (vitest -u writes them)", async () => {
  const file = path.join(root, "docs/security.md");
  const isWaived = (ids: string[]) =>
    ids.some((id) => waivers.some((waiver) => waiver.id === id && !waiver.live));
  const enforced = controls.filter(({ where }) => where);
  await expectSections(file, {
    controls: table(
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
    waivers: table(
      ["id", "what would be wanted", "finding", "why not"],
      [
        ...waivers.map(({ id, problem, why, live }) => [
          id + (live ? " (only `sst dev`)" : ""),
          controls.find(({ ids }) => ids.includes(id))?.title ?? "",
          problem,
          why,
        ]),
      ],
    ),
    components: table(
      ["SST's", "here"],
      components.map(({ names, what }) => [names.map((name) => `\`${name}\``).join(", "), what]),
    ),
  });
});
