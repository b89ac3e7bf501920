import type { TestProject } from "vitest/node";
import type { GraphData } from "./graph.ts";
import installPlatform from "./install-platform.ts";
import { synthesize } from "./synthesize.ts";

const stages = [
  { stage: "production", region: "us-east-1", dev: false },
  { stage: "production", region: "eu-central-1", dev: false },
  { stage: "kim", region: "us-east-1", dev: false },
  { stage: "kim", region: "eu-central-1", dev: false },
  { stage: "kim", region: "us-east-1", dev: true },
  { stage: "kim", region: "eu-central-1", dev: true },
];

declare module "vitest" {
  interface ProvidedContext {
    graphs: GraphData[];
  }
}

/** Synthesises a retained, a personal and a live stage in two regions, once for all the tests that look at them. */
export default async function setup(project: TestProject) {
  installPlatform();
  const graphs: GraphData[] = [];
  for (const stage of stages) graphs.push((await synthesize(stage)).data);
  project.provide("graphs", graphs);
}
