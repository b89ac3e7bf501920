import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AwsOptions, type LocalAws, startAws } from "../../src/server.ts";
import { connectTo, type Endpoint } from "./endpoint.ts";

/** Our own server on a folder, for what is not S3's behaviour but how we keep it. */
export interface LocalEndpoint extends Endpoint {
  aws: LocalAws;
  directory: string;
  /** Ends the server and leaves its folder. */
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
