import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Resource } from "@thumbsmith/synth";

/** The release of Pulumi that SST 3.19.3 requires. */
export const VERSION = "v3.210.0";

/** The working directory that SST calls from, read before its program changes it. */
const folder = process.cwd();

/** @param stack `organization/<app>/<stage>` */
const fileOf = (stack: string) =>
  join(folder, ".pulumi/stacks", `${stack.split("/").slice(1).join("/")}.json`);

/** Reads the resources of the last run from the checkpoint that SST put into the working directory. */
export async function readState(stack: string): Promise<Resource[]> {
  const { checkpoint } = JSON.parse(await readFile(fileOf(stack), "utf8"));
  return (checkpoint.latest.resources ?? []).map(({ urn, ...each }: Resource & { urn: string }) => ({
    ...each,
    name: urn.split("::").at(-1),
  }));
}

/** SST reads the stack's outputs from the first resource. */
export async function writeState(stack: string, resources: Resource[], outputs: object = {}): Promise<void> {
  const [, app, stage] = stack.split("/");
  const entries = resources.map((each) => ({
    urn: `urn:pulumi:${stage}::${app}::${each.type}::${each.name}`,
    custom: /^(aws|random):/.test(each.type),
    ...each,
    ...(each.type === "pulumi:pulumi:Stack" && { outputs }),
  }));
  const manifest = { time: new Date().toISOString(), magic: "", version: VERSION };
  const checkpoint = { stack, latest: { manifest, resources: entries } };
  await mkdir(dirname(fileOf(stack)), { recursive: true });
  await writeFile(fileOf(stack), JSON.stringify({ version: 3, checkpoint }));
}

/** Writes a summary to the log of events: SST takes a run as finished only then. */
export async function logSummary(file: string): Promise<void> {
  const summaryEvent = { maybeCorrupt: false, durationSeconds: 1, resourceChanges: {} };
  const event = { sequence: 1, timestamp: Math.round(Date.now() / 1_000), summaryEvent };
  await appendFile(file, `${JSON.stringify(event)}\n`);
}
