import { readFile } from "node:fs/promises";
import { readConfig } from "@thumbsmith/local";
import type { Operation } from "../operation.ts";
import { accountAdvice, accountChecks } from "../preflight/account.ts";
import { nativeSharp } from "../preflight/native-sharp.ts";
import { uploadsChecks } from "../preflight/uploads.ts";
import { npmVersion, pnpmVersion, root, sstVersions } from "../preflight/versions.ts";
import { type Check, describe, differs, refuseUnknown, runChecks } from "../verify/checks.ts";
import { eventBridgeAdvice } from "../verify/existing-bucket.ts";

interface Options {
  local?: string | true;
  stage?: string;
  skip?: string[];
}

/** The architecture that `infra/subscriber.ts` asks Lambda for. */
const CPU = "arm64";

export const preflight: Operation<Options> = {
  name: "preflight",
  description:
    "Check whether this machine, the configuration and the AWS account are ready for a deployment.",
  examples: [
    "pnpm thumbsmith preflight --stage production",
    "pnpm thumbsmith preflight --local                       # without an account",
  ],
  define: (command) => command.option("--skip <checks...>", "checks to skip, for example artefact"),

  async run({ options }) {
    const { skip = [], local, stage } = options;
    const ofAccount = local ? [] : [...accountChecks(stage), ...(await uploadsChecks())];
    const checks = [...(await machineChecks()), ...ofAccount];
    refuseUnknown("--skip", skip, checks);
    const results = await runChecks(
      checks.filter(({ id }) => !skip.includes(id)),
      undefined,
    );
    const found = differs(results);
    const advice = local
      ? []
      : [accountAdvice(stage), eventBridgeAdvice(results, process.env.UPLOADS_BUCKET)];
    const text = [describe(results), ...advice.filter((each) => each !== undefined)].join("\n");
    return { found, data: results, text };
  },
};

async function machineChecks(): Promise<Check<void>[]> {
  const manifest = JSON.parse(await readFile(new URL("package.json", root), "utf8"));
  const [, pnpm = ""] = /^pnpm@(.*)$/.exec(manifest.packageManager) ?? [];
  const sst = await sstVersions();
  return [
    { id: "node", expected: `${manifest.engines.node}`, read: () => process.versions.node, accepts: isNode },
    { id: "pnpm", expected: pnpm, read: pnpmVersion },
    { id: "npm", expected: "10 or 11, for SST", read: npmVersion, accepts: isNpm },
    { id: "sst", expected: sst.wanted, read: () => sst.installed },
    {
      id: "config",
      expected: "valid",
      read: () =>
        readConfig().then(
          () => "valid",
          (error: Error) => error.message,
        ),
    },
    { id: "artefact", expected: `sharp for linux ${CPU}`, read: () => nativeSharp(CPU) },
  ];
}

function isNode(found: string): boolean {
  const [major = 0, minor = 0] = found.split(".").map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

/** SST installs sharp with `npm install --platform --arch`, which npm 12 refuses as unknown. */
function isNpm(found: string): boolean {
  return ["10", "11"].includes(found.split(".")[0] ?? "");
}
