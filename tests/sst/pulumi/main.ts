import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type GraphData, type Resource, type Runtime, record } from "@thumbsmith/synth";
import { logSummary, readState, VERSION, writeState } from "./state.ts";

// `sst` calls this instead of `pulumi`. It runs the program that SST bundled under Pulumi's mocks, while SST's server
// answers the program. The resources that it registers become the state. If an engine is set, it makes them somewhere.

export interface Recorded {
  resources: Resource[];
  outputs: GraphData["outputs"];
  /** The provider's configuration that the `sst` command passed: `region`, `defaultTags`, … */
  provider: Record<string, string>;
}

/** The default export of the module in `STAND_IN_ENGINE`. */
export interface Engine {
  /** Makes the recorded resources. @returns the stack's outputs after that */
  up(recorded: Recorded): Promise<Recorded["outputs"]>;
  destroy(): Promise<void>;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    stack: { type: "string" },
    config: { type: "string", multiple: true, default: [] },
    "event-log": { type: "string" },
    ...{ yes: { type: "boolean" }, "non-interactive": { type: "boolean" } },
    ...{ force: { type: "boolean", short: "f" }, "run-program": { type: "boolean" } },
  },
});
const eventLog = values["event-log"] ?? "events.json";

async function run(stack: string, preview: boolean): Promise<void> {
  const [, main = ""] = /^main: (.*)$/m.exec(await readFile("Pulumi.yaml", "utf8")) ?? [];
  const [, app = "", stage = ""] = stack.split("/");
  const provider = Object.fromEntries(
    values.config
      .map((pair) => pair.split(/=(.*)/s).slice(0, 2))
      .map(([name = "", value = ""]) => [name.replace("aws:", ""), value]),
  );
  const { runtime }: { runtime: Runtime } = createRequire(main)("@pulumi/pulumi");
  const found = await record({
    ...{ runtime, app, stage, region: provider.region ?? "", preview, previous: await readState(stack) },
    program: async () => (await import(pathToFileURL(main).href)).default,
  });
  // As in Pulumi's language host, the program has ended when nothing is left to do.
  process.once("beforeExit", async () => {
    const recorded: Recorded = { ...found, provider };
    await writeFile(process.env.STAND_IN_RECORD ?? "recorded.json", JSON.stringify(recorded));
    if (preview) return logSummary(eventLog);
    const outputs = (await (await engine())?.up(recorded)) ?? found.outputs;
    await writeState(stack, found.resources, outputs);
    await logSummary(eventLog);
  });
}

async function engine(): Promise<Engine | undefined> {
  const module = process.env.STAND_IN_ENGINE;
  return module === undefined ? undefined : (await import(module)).default;
}

const [command, ...rest] = positionals;
switch (command) {
  case "version":
    console.log(VERSION);
    break;
  case "stack":
    await writeState(rest[1] ?? "", []);
    break;
  case "up":
  case "preview":
    await run(values.stack ?? "", command === "preview");
    break;
  case "destroy":
    await (await engine())?.destroy();
    await writeState(values.stack ?? "", []);
    await logSummary(eventLog);
    break;
  default:
    throw new Error(`Expected a command that the stand-in knows, found ${process.argv.slice(2).join(" ")}.`);
}
