import { defineConfig } from "vitest/config";

const project = (name: string, root: string, globalSetup?: string) => ({
  test: { name, root, globalSetup, include: ["**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 },
});

export default defineConfig({
  test: {
    // Vitest leaves one core free, which on two is half of the machine; much here waits for other processes.
    maxWorkers: "100%",
    // The pinned SDK works on Node 20, and would say in every file that a later one will not.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    projects: [
      project("shared", "packages/shared"),
      project("functions", "packages/functions"),
      project("aws-local", "packages/aws-local"),
      project("local", "packages/local"),
      project("studio", "packages/studio"),
      project("cli", "packages/cli"),
      project("pipeline", "tests/pipeline"),
      project("browser", "tests/browser"),
      project("fuzz", "tests/checks/fuzz"),
      project("bench", "tests/bench"),
      project("rehearsal", "tests/checks/rehearsal"),
      project("examples", "examples"),
      project("layers", "tests/layers"),
      project("docs", "tests/docs"),
      project("sst", "tests/sst", "./global-setup.ts"),
      project("infra", "tests/infra", "./global-setup.ts"),
    ],
    // .ci/run counts the tests from the second report.
    reporters: process.env.CI
      ? ["default", ["json", { outputFile: "node_modules/.vitest/report.json" }]]
      : ["default"],
  },
});
