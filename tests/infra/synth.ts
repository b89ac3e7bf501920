import { parseArgs } from "node:util";
import type { Graph, Resource } from "./graph.ts";
import installPlatform from "./install-platform.ts";
import { reasonOf } from "./reasons.ts";
import { synthesize } from "./synthesize.ts";

const { values } = parseArgs({
  options: {
    stage: { type: "string" },
    region: { type: "string" },
    /** As `sst dev` would make it. */
    dev: { type: "boolean" },
    /** For machines. */
    json: { type: "boolean" },
    /** A module to import after the app's own. */
    add: { type: "string" },
  },
});
if (!values.stage) fail(new Error("Usage: pnpm synth --stage <stage> [--region <region>] [--dev] [--json]"));

process.on("unhandledRejection", fail);
installPlatform();
const graph = await synthesize({
  stage: values.stage,
  region: values.region ?? process.env.AWS_REGION,
  dev: values.dev,
  environment: process.env as Record<string, string>,
  addition: values.add,
}).catch(fail);
console.log(values.json ? JSON.stringify(graph.data, null, 2) : tree(graph));
process.exit();

function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

function tree(graph: Graph): string {
  const { resources } = graph.data;
  const made = resources.filter(({ type }) => type !== "pulumi:pulumi:Stack" && type !== "sst:sst:LinkRef");
  const lines = (owner: Resource | undefined, indent = ""): string[] =>
    made
      .filter((resource) => ownerOf(resource, made) === owner)
      .flatMap((resource) => {
        const columns = [
          `${indent}${resource.name}`.padEnd(44),
          kindOf(resource).padEnd(46),
          reasonOf(resource),
        ];
        return [columns.join(" "), ...lines(resource, `${indent}  `)];
      });
  const count = made.filter(({ type }) => type.startsWith("aws:")).length;
  return [`${graph.label}: ${count} resources of AWS`, "", ...lines(undefined)].join("\n");
}

/** The component that made a resource, or the resource that it is about. */
function ownerOf({ parent, inputs }: Resource, made: Resource[]): Resource | undefined {
  const component = made.find(({ type, name }) => parent?.endsWith(`${type}::${name}`));
  if (component) return component;
  const about = made.find(
    ({ outputs, inputs: own }) =>
      own !== inputs &&
      [
        [inputs.bucket, outputs.id],
        [inputs.queueUrl, outputs.url],
        [inputs.arn ?? inputs.topic, outputs.arn],
        [inputs.targetKeyId, outputs.keyId],
      ].some(([target, id]) => target !== undefined && target === id),
  );
  return about && (ownerOf(about, made) ?? about);
}

function kindOf({ type }: Resource): string {
  return type
    .replace(/^aws:(.*)\/.*:/, "$1.")
    .replace(/^sst:(aws|sst):/, "sst.")
    .replace(/^random:.*:/, "random.");
}
