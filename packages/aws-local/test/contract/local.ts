import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AwsOptions, type LocalAws, startAws } from "../../src/server.ts";
import { connectTo, type Endpoint } from "./endpoint.ts";

/** Our server on a folder, for tests of how it keeps objects, which S3 does not define. */
export interface LocalEndpoint extends Endpoint {
  aws: LocalAws;
  directory: string;
  /** Stops the server, and keeps its folder. */
  stop(): Promise<void>;
}

export async function startLocal(options: Partial<AwsOptions> = {}): Promise<LocalEndpoint> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "thumbsmith-local-")));
  const aws = await startAws({ ...options, directory });
  const endpoint = await connectTo(aws);
  return {
    ...endpoint,
    aws,
    directory,
    async stop() {
      endpoint.s3.destroy();
      endpoint.sqs.destroy();
      await aws.close();
    },
  };
}
