import type { GraphData, Resource } from "./graph.ts";
import { answerTo, type Call, outputsOf } from "./mocks.ts";

type Outputs = GraphData["outputs"];
type Inputs = Resource["inputs"];

/** What the engine is told of a resource, and Pulumi's mocks are not. */
interface Request {
  getParent(): string;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
}

/** The part of `pulumi.runtime` that is used here. */
export interface Runtime {
  setMocks(
    mocks: {
      newResource(args: Pick<Resource, "type" | "name" | "inputs"> & { id?: string }): Promise<object>;
      call(call: Call): object;
    },
    project: string,
    stack: string,
    preview?: boolean,
  ): Promise<void>;
  getMonitor(): { registerResource(request: Request, callback: unknown): unknown };
  runInPulumiStack(program: () => Promise<unknown>): Promise<Outputs>;
  disconnect(): Promise<void>;
}

export interface Recording {
  /** The runtime of the copy of Pulumi that the program uses. */
  runtime: Runtime;
  app: string;
  stage: string;
  region: string;
  /** The last deployment's resources. A property with `ignoreChanges` keeps the value that it had there. */
  previous?: Resource[];
  /** As under `sst diff`: properties that AWS would add to a new resource are unknown. */
  preview?: boolean;
  program(): Promise<unknown>;
}

/**
 * Runs a program under Pulumi's mocks, and records the resources that it registers. A program may register more after its
 * outputs are known, so this waits until nothing is left to do, as Pulumi's language host does.
 */
export async function record({ runtime, app, stage, region, previous = [], preview, program }: Recording) {
  const resources: Resource[] = [];
  let request: Request;
  await runtime.setMocks(
    {
      async newResource({ type, name, inputs: given, id }) {
        // Read this before the first await: `request` is then already the next one.
        const [parent, retained] = [request.getParent() || undefined, request.getRetainondelete()];
        const old = previous.find((each) => each.type === type && each.name === name);
        const inputs = old ? keep(request.getIgnorechangesList(), old.inputs, given) : given;
        const made = { ...inputs, ...outputsOf(type, name, inputs, region) };
        // A resource with an id is looked up, not made.
        if (!id)
          resources.push({
            type,
            name,
            parent,
            retained,
            ...plain(await withPaths({ inputs, outputs: made })),
          });
        return preview && !id ? { state: inputs } : { id: id || made.id, state: made };
      },
      call: (call) => answerTo(call, region),
    },
    app,
    stage,
    preview,
  );
  const monitor = runtime.getMonitor();
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (given, callback) => {
    request = given;
    return register(given, callback);
  };
  const outputs = await runtime.runInPulumiStack(program);
  await runtime.disconnect();
  return { resources, outputs: plain(outputs ?? {}) };
}

function keep(ignored: string[], old: Inputs, given: Inputs): Inputs {
  const kept = ignored.filter((name) => name in old).map((name) => [name, old[name]]);
  return { ...given, ...Object.fromEntries(kept) };
}

/** The key by which Pulumi marks secrets, and other special values that no resource here has. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** A value without the wrappers that Pulumi puts around secrets. */
function plain<T>(value: T): T {
  const json = JSON.stringify(value, (_, part) => (part?.[SIGNATURE] ? part.value : part));
  return JSON.parse(json);
}

/** Resolves the paths of files and archives, which are promises in Pulumi. */
async function withPaths<T>(value: T): Promise<T> {
  if (typeof value !== "object" || value === null) return value;
  const { __pulumiAsset: asset, __pulumiArchive: archive, path } = value as Inputs;
  if (asset || archive) return path;
  if (Array.isArray(value)) return (await Promise.all(value.map(withPaths))) as T;
  const entries = Object.entries(value).map(async ([name, each]) => [name, await withPaths(each)]);
  return Object.fromEntries(await Promise.all(entries));
}
