import path from "node:path";
import { synthesize } from "@thumbsmith/synth";
import { describe, expect, it } from "vitest";
import { succeeds } from "./access/call.ts";
import { forbiddenIdiomCalls, idiomCalls } from "./access/idioms.ts";

const addition = path.join(import.meta.dirname, "additions/idioms.ts");
const graph = await synthesize({ stage: "kim", region: "us-east-1", addition });

describe("SST's idioms work under the key, by role × resource policy × key policy", () => {
  it.each(idiomCalls(graph))("$title", (idiom) => {
    expect(succeeds(graph, idiom)).toBe(true);
  });
});

describe("SST's idioms allow no one else", () => {
  it.each(forbiddenIdiomCalls(graph))("$title", (idiom) => {
    expect(succeeds(graph, idiom)).toBe(false);
  });
});
