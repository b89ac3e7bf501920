import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(import.meta.dirname, "../../..");
const platform = path.join(root, ".sst/platform");

/** Installs SST's components in .sst/platform, once per version of SST. It takes half a minute, and no AWS account. */
export function installPlatform() {
  const { version } = JSON.parse(readFileSync(path.join(root, "node_modules/sst/package.json"), "utf8"));
  const versionFile = path.join(platform, "version");
  const installed =
    existsSync(path.join(platform, "node_modules/@pulumi/aws")) &&
    existsSync(versionFile) &&
    readFileSync(versionFile, "utf8").trim() === version;
  if (installed) return;

  console.error(`Installing the components of SST ${version}…`);
  execFileSync(path.join(root, "node_modules/.bin/sst"), ["install"], {
    cwd: root,
    // Standard output is for what the caller prints.
    stdio: ["ignore", 2, 2],
    env: {
      ...process.env,
      SST_STAGE: "tests",
      // Otherwise SST downloads Pulumi and Bun, which the components do not need here.
      SST_SKIP_DEPENDENCY_CHECK: "1",
      NO_BUN: "1",
      SST_TELEMETRY_DISABLED: "1",
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) installPlatform();
