import { resolve } from "node:path";
import { type Graph, installPlatform, type Resource, reasonOf, synthesize } from "@thumbsmith/synth";
import type { Command } from "commander";
import { requireOption } from "../terminal/require-option.ts";
import { whereTyped } from "../terminal/where-typed.ts";

interface Options {
  stage: string;
  region?: string;
  dev?: boolean;
  json?: boolean;
  add?: string;
}

/** `thumbsmith synth`: lists what a deployment would create, and why, without an account. */
export function addSynth(program: Command): void {
  const command = program
    .command("synth")
    .description("List every resource that a deployment would create, and why. Needs no AWS account.");
  requireOption(command, "--stage <name>", "the stage to deploy")
    .option("--region <region>", "the region to deploy to (default: AWS_REGION)")
    .option("--dev", "what `sst dev` would create")
    .option("--json", "print JSON")
    .option("--add <file>", "a module to add to the app, as if it were in infra/")
    .addHelpText("after", "\nExamples:\n  pnpm synth --stage production")
    .action(synth);
}

async function synth({ stage, region = process.env.AWS_REGION, dev, json, add }: Options): Promise<void> {
  // A resource that fails is an unhandled rejection.
  process.on("unhandledRejection", (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  });
  installPlatform();
  const environment = process.env as Record<string, string>;
  const graph = await synthesize({
    stage,
    region,
    dev,
    environment,
    addition: add && resolve(whereTyped(), add),
  });
  const text = json ? JSON.stringify(graph.data, null, 2) : tree(graph);
  // SST's components leave connections open, so exit, but only once a pipe has taken all of the text.
  process.stdout.write(`${text}\n`, () => process.exit());
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
  return [`${graph.label}: ${count} AWS resources`, "", ...lines(undefined)].join("\n");
}

/** The component that made a resource, or the resource that it configures. */
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
