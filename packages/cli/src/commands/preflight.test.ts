import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { preflight } from "./preflight.ts";

const context = {
  args: [],
  signal: new AbortController().signal,
  connect: () => Promise.reject(new Error("No stage")),
};
const machine = ["node", "pnpm", "npm", "sst", "config", "artefact"];

describe("thumbsmith preflight", () => {
  it("checks this machine, and says what is missing", async () => {
    const { data } = await preflight.run({
      ...context,
      options: { local: true, skip: ["artefact", "npm", "pnpm"] },
    });
    expect(data).toEqual([
      { id: "node", result: "ok", expected: ">=20.19", found: process.versions.node },
      { id: "sst", result: "ok", expected: "3.19.3", found: "3.19.3" },
      { id: "config", result: "ok", expected: "valid", found: "valid" },
    ]);
  });
});

describe("the region of a deployment", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "thumbsmith-profile-"));
    await writeFile(
      join(folder, "config"),
      "[default]\n[profile frankfurt]\nregion = eu-central-1\n[profile nowhere]\n",
    );
  });
  afterAll(() => rm(folder, { recursive: true }));
  afterEach(() => vi.unstubAllEnvs());

  const check = (stage: string, variables: Record<string, string>) => {
    for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "ALLOWED_ACCOUNT_IDS"])
      vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const skip = [...machine, "account", "concurrency"];
    return preflight.run({ ...context, options: { stage, skip } });
  };

  it.each([
    ["kim", { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-2" }, "eu-west-1", "ok"],
    ["kim", { AWS_DEFAULT_REGION: "eu-west-2", AWS_PROFILE: "frankfurt" }, "eu-west-2", "ok"],
    ["kim", { AWS_PROFILE: "frankfurt" }, "eu-central-1", "ok"],
    ["kim", { AWS_PROFILE: "nowhere" }, "us-east-1", "ok"],
    ["production", { AWS_REGION: "eu-west-1" }, "eu-west-1", "ok"],
    ["production", { AWS_DEFAULT_REGION: "eu-west-2" }, "eu-west-2", "ok"],
    ["production", { AWS_PROFILE: "frankfurt" }, "none", "differs"],
  ])("of stage %s with %j is %s", async (stage, variables, found, result) => {
    const { data } = await check(stage, variables);
    expect(data).toMatchObject([{ id: "region", found, result }]);
  });

  it.each([
    ["production", {}, true],
    ["production", { ALLOWED_ACCOUNT_IDS: "111122223333" }, false],
    ["kim", {}, false],
  ])(
    "of stage %s with %j comes with the advice to name the account: %s",
    async (stage, variables, recommended) => {
      const { text } = await check(stage, { AWS_REGION: "eu-west-1", ...variables });
      expect(text.includes("Recommended: set ALLOWED_ACCOUNT_IDS")).toBe(recommended);
    },
  );
});
