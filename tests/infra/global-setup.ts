import type { GraphData } from "@thumbsmith/synth";
import { installPlatform, type Options, synthesize } from "@thumbsmith/synth";
import type { TestProject } from "vitest/node";
import { examples, theirs } from "./examples.ts";

const extras = (CDN: string) => ({ environment: { CDN }, addition: examples });

const stages: Options[] = [
  { stage: "production", region: "us-east-1", dev: false },
  { stage: "production", region: "eu-central-1", dev: false },
  { stage: "kim", region: "us-east-1", dev: false },
  { stage: "kim", region: "eu-central-1", dev: false },
  { stage: "kim", region: "us-east-1", dev: true },
  { stage: "kim", region: "eu-central-1", dev: true },
  { stage: "production", region: "us-east-1", ...extras("img.example.com") },
  { stage: "kim", region: "eu-central-1", dev: true, ...extras("true") },
  theirs,
];

declare module "vitest" {
  interface ProvidedContext {
    graphs: GraphData[];
  }
}

/**
 * Synthesises a retained, a personal and a live stage in two regions, and two with everything that is optional, once for
 * all tests that use them.
 */
export default async function setup(project: TestProject) {
  installPlatform();
  const graphs: GraphData[] = [];
  for (const stage of stages) graphs.push((await synthesize(stage)).data);
  project.provide("graphs", graphs);
}
