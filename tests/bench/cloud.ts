import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { LOCAL_ACCESS, startAws } from "@thumbsmith/aws-local";
import { createClient } from "@thumbsmith/functions";
import { BUCKETS } from "@thumbsmith/local";
import { createBuckets } from "../../packages/local/src/buckets.ts";
import type { Bench } from "./bench.ts";

/** An S3 and an SQS over HTTP, in this process: their time is not counted, since only child processes are measured. */
export interface Cloud {
  endpoint: string;
  s3: S3Client;
  /** The environment of a function that uses it: as infra/subscriber.ts sets it, with this cloud's address. */
  environment: Record<string, string>;
  /** Uploads a file under a new key. */
  upload(path: string): Promise<string>;
}

export async function startCloud(bench: Bench): Promise<Cloud> {
  const aws = await startAws({ directory: join(bench.folder, "cloud") });
  const s3 = createClient({ ...LOCAL_ACCESS, endpoint: aws.endpoint });
  await createBuckets(s3);
  bench.keep({
    async stop() {
      s3.destroy();
      await aws.close();
    },
  });
  const { region, credentials } = LOCAL_ACCESS;
  let count = 0;
  return {
    endpoint: aws.endpoint,
    s3,
    environment: {
      UPLOADS_BUCKET: BUCKETS.uploads,
      THUMBNAILS_BUCKET: BUCKETS.thumbnails,
      POWERTOOLS_SERVICE_NAME: "bench",
      POWERTOOLS_METRICS_NAMESPACE: "Thumbsmith",
      MALLOC_ARENA_MAX: "2",
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_ENDPOINT_URL: aws.endpoint,
    },
    async upload(path) {
      const key = `uploads/${count++}.jpg`;
      await s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key: key, Body: await readFile(path) }));
      return key;
    },
  };
}
