import { readFile } from "node:fs/promises";
import { GetAccountSettingsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { readConfig } from "@thumbsmith/local";
import type { Operation } from "../operation.ts";
import { nativeSharp } from "../preflight/native-sharp.ts";
import { npmVersion, pnpmVersion, root, sstVersions } from "../preflight/versions.ts";
import { withActions } from "../terminal/advice.ts";
import { type Check, describe, runChecks } from "../verify/checks.ts";

interface Options {
  local?: string | true;
  skip?: string[];
}

/** The machine that `infra/subscriber.ts` asks Lambda for. */
const CPU = "arm64";

export const preflight: Operation<Options> = {
  name: "preflight",
  description: "Before a deployment: is this machine, this configuration and this account ready for one?",
  examples: [
    "pnpm thumbsmith preflight --stage production",
    "pnpm thumbsmith preflight --local                       # without an account",
  ],
  define: (command) => command.option("--skip <checks...>", "leaves checks out, for example artefact"),

  async run({ options }) {
    const { skip = [], local } = options;
    const checks = [...(await machineChecks()), ...(local ? [] : accountChecks())];
    const results = await runChecks(
      checks.filter(({ id }) => !skip.includes(id)),
      undefined,
    );
    const isReady = results.every(({ result }) => result === "ok");
    return { found: !isReady, data: results, text: describe(results) };
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

function accountChecks(): Check<void>[] {
  const region = process.env.AWS_REGION;
  const allowed = process.env.ALLOWED_ACCOUNT_IDS?.split(/[\s,]+/).filter(Boolean) ?? [];
  return [
    {
      id: "region",
      expected: "AWS_REGION, or us-east-1",
      read: () => region ?? "us-east-1",
      accepts: (found) => /^[a-z]{2}-[a-z]+-\d$/.test(found),
    },
    {
      id: "account",
      expected: allowed.length > 0 ? allowed.join(" or ") : "any, with credentials",
      read: account,
      accepts: (found) => /^\d{12}$/.test(found) && (allowed.length === 0 || allowed.includes(found)),
    },
    {
      id: "concurrency",
      expected: "enough for limits.concurrency",
      read: spareConcurrency,
      accepts: (found) => found.startsWith("enough"),
    },
  ];
}

function isNode(found: string): boolean {
  const [major = 0, minor = 0] = found.split(".").map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

const region = () => ({ region: process.env.AWS_REGION ?? "us-east-1" });

/** SST installs sharp with `npm install --platform --arch`, which npm 12 refuses as unknown. */
function isNpm(found: string): boolean {
  return ["10", "11"].includes(found.split(".")[0] ?? "");
}

async function account(): Promise<string> {
  const sts = withActions(new STSClient(region()));
  try {
    return (await sts.send(new GetCallerIdentityCommand())).Account ?? "none";
  } finally {
    sts.destroy();
  }
}

async function spareConcurrency(): Promise<string> {
  const config = await readConfig();
  const lambda = withActions(new LambdaClient(region()));
  try {
    const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand());
    const spare = AccountLimit?.UnreservedConcurrentExecutions ?? 0;
    const { concurrency } = config.limits;
    return spare >= concurrency
      ? `enough: ${spare}`
      : `${spare} for ${concurrency}: ask for more at Service Quotas`;
  } finally {
    lambda.destroy();
  }
}
