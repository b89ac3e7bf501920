import { Graph } from "@thumbsmith/synth";
import { describe, expect, inject, it } from "vitest";
import { controls } from "./controls/index.ts";
import { openFindings, waiverOf, waivers } from "./waivers.ts";

const graphs = inject("graphs").map((data) => new Graph(data));

describe("on every stage and region", () => {
  it.each(controls.map((control) => ({ name: `${control.ids.join(" ")}: ${control.title}`, control })))(
    "$name",
    ({ control }) => {
      expect(graphs.flatMap((graph) => openFindings(control, graph))).toEqual([]);
    },
  );
});

describe("waived, and still needed", () => {
  it.each(waivers)("$id: $problem", (waiver) => {
    const findings = graphs.flatMap((graph) =>
      controls.flatMap((control) => control.find(graph).map((finding) => waiverOf(control, finding, graph))),
    );
    expect(findings).toContain(waiver);
  });
});

it("gives every control unique ids", () => {
  const ids = controls.flatMap((control) => control.ids);
  expect(new Set(ids).size).toBe(ids.length);
});
