import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installPlatform, root } from "@thumbsmith/synth";

/** The files that SST reads. Installed packages are symbolic links: our packages import each other from this repository. */
const FILES = ["package.json", "sst.config.ts", "thumbsmith.config.ts", "infra", "packages", "examples"];

/** A copy of this repository that SST may write into, and a test may change. */
export interface Checkout {
  folder: string;
  /** `XDG_CONFIG_HOME`, in which SST finds our `pulumi`. */
  configuration: string;
  edit(file: string, change: (source: string) => string): Promise<void>;
  /** Replaces the root's configuration by an example's, with the files that it imports. */
  use(example: string): Promise<void>;
  remove(): Promise<void>;
}

export async function checkOut(): Promise<Checkout> {
  installPlatform();
  const home = await mkdtemp(join(tmpdir(), "thumbsmith-checkout-"));
  const [folder, configuration] = [join(home, "thumbsmith"), join(home, "config")];
  const isSource = (path: string) => !/\/(node_modules|\.sst|sst-env\.d\.ts)$/.test(path);
  for (const each of FILES)
    await cp(join(root, each), join(folder, each), { recursive: true, filter: isSource });
  await mkdir(join(folder, ".sst"));
  await cp(join(root, ".sst/provider-lock.json"), join(folder, ".sst/provider-lock.json"));
  const packages = (await readdir(join(root, "packages"))).map((name) => `packages/${name}/node_modules`);
  for (const link of ["node_modules", ".sst/platform", ...packages])
    await symlink(join(root, link), join(folder, link));
  await installPulumi(join(configuration, "sst/bin"));
  return {
    ...{ folder, configuration },
    edit: async (file, change) => {
      const path = join(folder, file);
      await writeFile(path, change(await readFile(path, "utf8")));
    },
    use: (example) => {
      const isPart = (path: string) => !path.endsWith(".test.ts");
      return cp(join(root, "examples", example), folder, { recursive: true, filter: isPart });
    },
    remove: () => rm(home, { recursive: true, force: true }),
  };
}

async function installPulumi(folder: string): Promise<void> {
  const loader = createRequire(import.meta.url).resolve("tsx");
  const main = join(import.meta.dirname, "pulumi/main.ts");
  const script = `#!/bin/sh\nexec "${process.execPath}" --import "${loader}" "${main}" "$@"\n`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "pulumi"), script, { mode: 0o755 });
}
