import { Graph } from "@thumbsmith/synth";
import { describe, expect, inject, it } from "vitest";
import { type Call, succeeds } from "./access/call.ts";
import { forbiddenCalls } from "./access/forbidden.ts";
import { liveCalls, neededCalls } from "./access/needed.ts";

const graphs = inject("graphs").map((data) => new Graph(data));

describe("allowed by role × bucket policy × key policy, on every stage and region", () => {
  it.each(titlesOf(neededCalls))("%s", (title) => {
    expect(labelsWhere(neededCalls, title, false)).toEqual([]);
  });
});

describe("denied, on every stage and region", () => {
  it.each(titlesOf(forbiddenCalls))("%s", (title) => {
    expect(labelsWhere(forbiddenCalls, title, true)).toEqual([]);
  });
});

describe("allowed only under sst dev", () => {
  it.each(titlesOf(liveCalls))("%s", (title) => {
    const live = graphs.filter(({ data }) => data.live).map(({ label }) => label);
    expect(labelsWhere(liveCalls, title, true)).toEqual(live);
  });
});

function titlesOf(callsOf: (graph: Graph) => Call[]): string[] {
  return [...new Set(graphs.flatMap(callsOf).map(({ title }) => title))];
}

/** The labels of the graphs in which a call succeeds, or fails. */
function labelsWhere(callsOf: (graph: Graph) => Call[], title: string, success: boolean): string[] {
  return graphs
    .filter((graph) =>
      callsOf(graph).some((call) => call.title === title && succeeds(graph, call) === success),
    )
    .map(({ label }) => label);
}
