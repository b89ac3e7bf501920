import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const PROVIDER = "registry.terraform.io/hashicorp/aws/5.100.0";

/** Folders in which Terraform itself looks for providers, and one that may be named. */
const mirrors = [
  process.env.TERRAFORM_PLUGIN_DIR,
  join(homedir(), ".terraform.d/plugins"),
  "/usr/local/share/terraform/plugins",
  "/usr/share/terraform/plugins",
];

/** Terraform's arguments for `init`: from a mirror, where there is one. */
export const pluginArguments = mirrors
  .filter((folder) => folder && existsSync(join(folder, PROVIDER)))
  .slice(0, 1)
  .map((folder) => `-plugin-dir=${folder}`);

interface Tool {
  name: string;
  isThere(): Promise<boolean>;
  get: string;
}

const works = (command: string, ...args: string[]) =>
  promisify(execFile)(command, args).then(
    () => true,
    () => false,
  );

export const tools: Tool[] = [
  {
    name: "terraform",
    isThere: () => works("terraform", "version"),
    get: "https://developer.hashicorp.com/terraform/install",
  },
  {
    name: "its AWS provider 5.100.0",
    isThere: async () =>
      pluginArguments.length > 0 ||
      works("curl", "-sfm5", "https://registry.terraform.io/.well-known/terraform.json"),
    get: "let this machine reach registry.terraform.io, or name a filesystem mirror of providers in TERRAFORM_PLUGIN_DIR",
  },
  {
    name: "moto",
    isThere: () => works("python3", "-c", "import moto.server"),
    get: "python3 -m pip install 'moto[all,server]==5.2.1'",
  },
];

export interface Emulator {
  endpoint: string;
  stop(): void;
}

export async function startMoto(): Promise<Emulator> {
  const port = await freePort();
  const env = { ...process.env, MOTO_IAM_LOAD_MANAGED_POLICIES: "true", MOTO_PORT: String(port) };
  const child = spawn("python3", ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], {
    env,
    stdio: "ignore",
  });
  const stop = () => {
    child.kill();
  };
  process.once("exit", stop);
  const endpoint = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 120; attempt++) {
    if (child.exitCode !== null) break;
    if (
      await fetch(`${endpoint}/moto-api/data.json`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return { endpoint, stop };
    await delay(250);
  }
  throw new Error("moto did not start. Try: python3 -m moto.server");
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
