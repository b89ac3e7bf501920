import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { OUTPUTS } from "../test/outputs.ts";
import { type Operator, startOperator } from "../test/pipeline.ts";

// Each test starts processes of its own, several at once.
vi.setConfig({ testTimeout: 120_000 });

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
let directory: string;
let outputs: string;
let operator: Operator;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "thumbsmith-main-"));
  outputs = join(directory, "outputs.json");
  await writeFile(outputs, JSON.stringify(OUTPUTS));
  operator = await startOperator();
});
afterAll(async () => {
  await operator.stop();
  await rm(directory, { recursive: true });
});

interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

function thumbsmith(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const none = {
    AWS_PROFILE: "",
    AWS_ACCESS_KEY_ID: "",
    AWS_SECRET_ACCESS_KEY: "",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const options = { env: { ...process.env, ...none, HOME: directory, NO_COLOR: "1", ...env } };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--import", "tsx", MAIN, ...args],
      options,
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe("thumbsmith", () => {
  it("lists its commands, each with examples", async () => {
    const { stdout } = await thumbsmith(["--help"]);
    const commands = [
      "preflight",
      "verify",
      "status",
      "failures",
      "redrive",
      "inspect",
      "backfill",
      "sweep",
      "cost",
      "make",
    ];
    for (const name of commands) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    const help = await thumbsmith(["redrive", "--help"]);
    expect(help).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Examples:\n  pnpm thumbsmith redrive"),
    });
  });

  it("exits with 0 when all is well and with 1 when there is something to do, and prints JSON", async () => {
    const local = ["--endpoint", operator.endpoint, "--json"];
    const well = await thumbsmith(["status", ...local]);
    expect(well.code).toBe(0);
    expect(JSON.parse(well.stdout)).toEqual({
      waiting: 0,
      inHand: 0,
      deadLetters: 0,
      names: { listed: 0, unaccepted: 0 },
    });
    await operator.deadLetter("not an event");
    const found = await thumbsmith(["failures", ...local]);
    expect(found.code).toBe(1);
    expect(JSON.parse(found.stdout)).toMatchObject({ messages: 1, groups: [{ code: "invalid-message" }] });
    const mistyped = await thumbsmith(["inspect", "uploads/no-such.jpg", "--endpoint", operator.endpoint]);
    expect(mistyped).toMatchObject({ code: 1, stdout: expect.stringContaining("There is no such source") });
  });

  it.concurrent.each<[string, string[], NodeJS.ProcessEnv, string]>([
    [
      "no stage and no local pipeline",
      ["status"],
      {},
      "Expected --stage <name> for a deployment, or --local",
    ],
    [
      "no credentials",
      ["status", "--outputs", "OUTPUTS"],
      {},
      "Found no AWS credentials. Run `aws sso login`",
    ],
    [
      "no credentials before a deployment",
      ["preflight", "--skip", "pnpm", "npm", "artefact"],
      {},
      "Found no AWS credentials. Run `aws sso login`",
    ],
    [
      "an unknown check",
      ["preflight", "--local", "--skip", "pmpm"],
      {},
      "Expected --skip to name checks, found pmpm. The checks are: node, pnpm,",
    ],
    [
      "no local pipeline",
      ["status", "--endpoint", "http://127.0.0.1:9"],
      {},
      "Nothing answers at http://127.0.0.1:9. Start `pnpm local`",
    ],
    ["only a local port", ["status", "--endpoint", "9"], {}, "Nothing answers at http://127.0.0.1:9."],
    [
      "a local host and port",
      ["status", "--endpoint", "localhost:9"],
      {},
      "Nothing answers at http://localhost:9.",
    ],
    ["an invalid address", ["status", "--endpoint", "http://"], {}, "Expected --endpoint to be an address"],
    [
      "a stage and the local pipeline at once",
      ["status", "--local", "--stage", "kim"],
      {},
      "Expected either --stage for a deployment or --local, found both.",
    ],
    [
      "a missing configuration",
      ["status", "--local", "--config", "/gone.config.ts"],
      {},
      "Expected a configuration at /gone.config.ts, found no such file.",
    ],
    ["an invalid rate", ["backfill", "--local", "--rate", "fast"], {}, "Expected a whole number above 0."],
    ["an unknown command", ["retry"], {}, "unknown command 'retry'"],
    ["an option that is missing", ["synth"], {}, "required option '--stage <name>' not specified"],
    ["an option that is misspelt", ["synth", "--stagee", "kim"], {}, "unknown option '--stagee'"],
  ])("exits with 2 and says what to do for %s", async (_, args, env, sentence) => {
    const { code, stderr } = await thumbsmith(
      args.map((each) => (each === "OUTPUTS" ? outputs : each)),
      env,
    );
    expect(stderr).toContain(sentence);
    expect(code).toBe(2);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});
