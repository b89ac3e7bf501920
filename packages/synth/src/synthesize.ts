import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Graph, type GraphData } from "./graph.ts";
import { answerToComponent } from "./mocks.ts";
import { type Runtime, record } from "./record.ts";

export const root = path.resolve(import.meta.dirname, "../../..");
export const platform = path.join(root, ".sst/platform");
export const fromPlatform = createRequire(path.join(platform, "package.json"));

export interface Options {
  stage: string;
  region?: string;
  /** The AWS profile's region, which the `sst` command uses if the environment names none. */
  profileRegion?: string;
  /** As under `sst dev`. */
  dev?: boolean;
  environment?: Record<string, string>;
  /** A module that is imported after the app's own, as if a user had added it. */
  addition?: string;
  /** Changes a source file as it is bundled. */
  edit?: (file: string, source: string) => string;
}

/**
 * Runs sst.config.ts with SST's own components, as `sst deploy` does, but with Pulumi's mocks in place of AWS.
 * Pulumi and SST keep their state in globals, so one run has to end before the next begins. A resource that fails
 * becomes an unhandled rejection, which ends the process: that is why `synth.ts` has its own.
 */
export async function synthesize(options: Options) {
  const { stage, region, profileRegion = "us-east-1", dev = false, environment, addition, edit } = options;
  const work = path.join(root, "node_modules/.cache/synthesis", String(process.pid));
  await mkdir(work, { recursive: true });
  await writeFile(path.join(work, "bundle.mjs.map"), "{}");
  const server = createServer(async (request, response) => {
    const { method } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    // A connection that is kept alive may be closed just as the client uses it again.
    response.setHeader("connection", "close");
    response.end(JSON.stringify({ result: answerToComponent(method, work) }));
  }).listen(0);
  const { port } = server.address() as AddressInfo;
  const [cwd, variables] = [process.cwd(), process.env];
  process.env = {
    PATH: variables.PATH,
    SST_SERVER: `http://localhost:${port}`,
    ...(region && { AWS_REGION: region }),
    ...environment,
  };
  try {
    // As the `sst` command does: it first calls app() by itself, then loads the components with its result.
    const { config } = await load<{ config: { app(input: { stage: string }): Promise<App> } }>(
      {
        contents: 'export { default as config } from "./sst.config.ts";',
        banner: "const $config = (_) => _;",
      },
      edit,
    );
    const app: App = { ...(await config.app({ stage })), stage };
    app.providers.aws.region ??= profileRegion;
    Object.assign(globalThis, {
      $app: app,
      $dev: dev,
      $cli: {
        command: dev ? "dev" : "deploy",
        paths: { home: work, root, work, platform },
        state: { version: {} },
      },
    });
    const { config: loaded, run, add, runtime } = await load<Program>(program(addition), edit);
    const found = await record({
      ...{ runtime, app: app.name, stage, region: app.providers.aws.region },
      program: () =>
        run(async () => {
          const outputs = await loaded.run();
          await add();
          return outputs;
        }),
    });
    return new Graph({ app, live: dev, ...found });
  } finally {
    process.env = variables;
    process.chdir(cwd);
    server.close();
    await rm(work, { recursive: true });
  }
}

type App = GraphData["app"];
type Outputs = GraphData["outputs"];

/** The exports of the bundled program. */
interface Program {
  config: { run(): Promise<Outputs> };
  /** SST's entry point. */
  run(program: () => Promise<unknown>): Promise<unknown>;
  /** Imports the addition. */
  add(): Promise<void>;
  runtime: Runtime;
}

const file = (...parts: string[]) => JSON.stringify(path.join(...parts));

function program(addition?: string) {
  return {
    contents: [
      `import "globals";`,
      `export { run } from ${file(platform, "src/auto/run.ts")};`,
      `export { default as config } from "./sst.config.ts";`,
      `export { runtime } from "@pulumi/pulumi";`,
      `export const add = async () => { ${addition ? `await import(${file(addition)})` : ""} };`,
    ].join("\n"),
    inject: [path.join(platform, "src/shim/run.js")],
  };
}

const globals = [
  `import * as sst from ${file(platform, "src/components/index.ts")};`,
  `import * as aws from "@pulumi/aws";`,
  `import * as $util from "@pulumi/pulumi";`,
  `Object.assign(globalThis, { sst, aws, $util });`,
].join("\n");

let loads = 0;

/** Bundles and imports a module. The bundle is written into SST's platform, where it finds the platform's packages. */
async function load<Exports>(
  { contents, inject, banner = "" }: { contents: string; inject?: string[]; banner?: string },
  edit: Options["edit"],
): Promise<Exports> {
  const outfile = path.join(platform, `synthesis.${process.pid}.${loads++}.mjs`);
  const plugin = {
    name: "synthesis",
    setup({ onResolve, onLoad }: Record<"onResolve" | "onLoad", (filter: object, answer: Answer) => void>) {
      onResolve({ filter: /^[^./]/ }, ({ path: name, importer }) =>
        importer.startsWith(platform) ? { path: name, external: true } : undefined,
      );
      // In the platform's folder, esbuild would drop it: the package.json there says that imports have no side effects.
      onResolve({ filter: /^globals$/ }, () => ({ path: "globals", namespace: "globals" }));
      onLoad({ filter: /./, namespace: "globals" }, () => ({ contents: globals, resolveDir: root }));
      onLoad({ filter: /\.ts$/ }, async ({ path: source }) =>
        edit && !source.startsWith(platform)
          ? { contents: edit(path.relative(root, source), await readFile(source, "utf8")), loader: "ts" }
          : undefined,
      );
    },
  };
  try {
    await fromPlatform("esbuild").build({
      stdin: { contents, resolveDir: root },
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "error",
      inject,
      banner: { js: banner },
      external: ["@pulumi/*"],
      plugins: [plugin],
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(outfile, { force: true });
  }
}

type Answer = (args: { path: string; importer: string }) => object | undefined | Promise<object | undefined>;
