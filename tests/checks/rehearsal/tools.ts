import { execFile, spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { hasProvider } from "./terraform.ts";

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
    name: "Terraform's AWS provider 5.100.0",
    isThere: hasProvider,
    get: "let Terraform reach registry.terraform.io or a mirror (provider_installation in ~/.terraformrc), or name a folder of providers in TERRAFORM_PLUGIN_DIR",
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
