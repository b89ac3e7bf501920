import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type Deployed, type Deployment, deploy, here } from "./deployment.ts";

const deployments: Record<"personal" | "production", Deployment> = {
  personal: { stage: "kim", environment: {}, architecture: here, formats: ["jpeg", "heic"] },
  production: {
    stage: "production",
    architecture: "arm64",
    environment: {
      ...{ CDN: "img.example.com", ALARM_EMAILS: "ops@example.com", MONTHLY_BUDGET_USD: "50" },
      ...{ ALARM_WEBHOOK: "true", SST_SECRET_AlarmWebhook: "https://example.com/hook" },
      ALLOWED_ACCOUNT_IDS: "123456789012",
    },
  },
};

/** A deployment, its result, and the folder with the function's package. */
type Provided = Deployment & Deployed & { folder: string };

declare module "vitest" {
  interface ProvidedContext {
    personal: Provided;
    production: Provided;
  }
}

/** Runs the real `sst deploy` of a personal and a production stage, once for all tests that use them. */
export default async function setup(project: TestProject) {
  const directory = await mkdtemp(join(tmpdir(), "thumbsmith-"));
  for (const name of ["personal", "production"] as const) {
    const [deployment, folder] = [deployments[name], join(directory, name)];
    project.provide(name, { ...deployment, ...(await deploy(deployment, folder)), folder });
  }
  return () => rm(directory, { recursive: true });
}
