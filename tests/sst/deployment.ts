import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SourceFormat } from "@thumbsmith/shared";
import { unzipSync } from "fflate";
import { checkOut } from "./checkout.ts";
import { sst } from "./command.ts";
import { startHome } from "./home.ts";
import type { Recorded } from "./pulumi/main.ts";

export interface Deployment {
  stage: string;
  environment: Record<string, string>;
  /** The function's architecture. */
  architecture: "arm64" | "x86_64";
  /** The formats of its rule, if they are not the default ones. */
  formats?: readonly SourceFormat[];
  /** The example whose configuration replaces the root's. */
  example?: string;
}

export interface Deployed extends Recorded {
  /** What the command printed. */
  said: string;
  /** Bytes of the function's zip. */
  packed: number;
  /** What `sst diff` finds then, when nothing is known of what AWS would answer. */
  preview: Recorded;
}

/** The architecture of this machine. */
export const here = process.arch === "arm64" ? "arm64" : "x86_64";

/** Edits files of this repository for a deployment: with its architecture and its formats. */
export function edited({ architecture, formats }: Pick<Deployment, "architecture" | "formats">) {
  return (file: string, source: string) => {
    if (file === "infra/subscriber.ts")
      return source.replace('architecture: "arm64"', `architecture: "${architecture}"`);
    if (file !== "thumbsmith.config.ts" || !formats) return source;
    return source.replace('prefix: "uploads/",', `prefix: "uploads/", formats: ${JSON.stringify(formats)},`);
  };
}

/**
 * Runs `sst deploy` up to Pulumi, then `sst diff`, and unpacks the function's package into a folder, as Lambda does.
 * @throws Error with everything that `sst` printed, if it failed
 */
export async function deploy(deployment: Deployment, folder: string): Promise<Deployed> {
  const { stage, environment, example } = deployment;
  const checkout = await checkOut();
  const home = await startHome();
  try {
    if (example) await checkout.use(example);
    for (const file of ["infra/subscriber.ts", "thumbsmith.config.ts"])
      await checkout.edit(file, (source) => edited(deployment)(file, source));
    const run = async (command: string) => {
      const variables = { AWS_ENDPOINT_URL: home.endpoint, ...environment };
      const { code, said, recorded } = await sst(checkout, [command, "--stage", stage], variables);
      if (code === 0 && recorded) return { said, recorded };
      throw new Error(`Expected "sst ${command}" to succeed, found:\n${said}`);
    };
    const { said, recorded } = await run("deploy");
    const zip = await readFile(join(checkout.folder, ".sst/artifacts/Subscriber/code.zip"));
    await unpack(zip, folder);
    return { ...recorded, said, packed: zip.length, preview: (await run("diff")).recorded };
  } finally {
    await Promise.all([home.close(), checkout.remove()]);
  }
}

async function unpack(zip: Buffer, folder: string): Promise<void> {
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    if (name.endsWith("/")) continue;
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
}
