import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { LOCAL_ACCESS } from "@thumbsmith/aws-local";
import type { ConfigInput } from "@thumbsmith/shared";
import { run } from "../pipeline/run.ts";

/** `pnpm local` with its own folder and configuration. */
export interface RunningStudio {
  origin: string;
  directory: string;
  s3: S3Client;
  sqs: SQSClient;
  configure(config: ConfigInput | string): Promise<void>;
  /** Stops the server, runs `meanwhile`, and starts the server again at the same addresses. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export async function startStudio(config: ConfigInput): Promise<RunningStudio> {
  const home = await mkdtemp(join(tmpdir(), "thumbsmith-studio-"));
  const directory = join(home, "buckets");
  const file = join(home, "thumbsmith.config.ts");
  const configure = (now: ConfigInput | string) =>
    writeFile(file, typeof now === "string" ? now : `export default ${JSON.stringify(now, null, 2)};\n`);
  await mkdir(directory);
  await writeFile(join(home, "package.json"), '{ "type": "module" }');
  await configure(config);
  const start = async (port = "0", studioPort = "0") => {
    const ports = ["--port", port, "--studio-port", studioPort];
    const local = run(["local", "--directory", directory, "--config", file, ...ports]);
    await local.says("Ctrl-C stops it");
    return local;
  };
  let local = await start();
  const end = async () => {
    local.child.kill("SIGINT");
    await local.exit;
  };
  const [, origin = ""] = /See it at +(\S+)\//.exec(local.output()) ?? [];
  const [, endpoint = ""] = /--endpoint-url (\S+)/.exec(local.output()) ?? [];
  const s3 = new S3Client({ ...LOCAL_ACCESS, endpoint });
  const sqs = new SQSClient({ ...LOCAL_ACCESS, endpoint });
  return {
    origin,
    directory,
    s3,
    sqs,
    configure,
    async restart(meanwhile) {
      await end();
      await meanwhile();
      local = await start(new URL(endpoint).port, new URL(origin).port);
    },
    async stop() {
      s3.destroy();
      sqs.destroy();
      await end();
      await rm(home, { recursive: true });
    },
  };
}
