import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { startAws } from "@thumbsmith/aws-local";
import { createClient } from "@thumbsmith/functions";
import { deploy, here } from "../../sst/deployment.ts";
import { install, missing } from "./install.ts";
import { startLambda } from "./lambda.ts";

// Runs the function's package that `sst deploy` builds with AWS's runtime client on Node 22, against the local S3.

const tools = await missing();
if (tools.length > 0) {
  console.error(
    `AWS's runtime client is built with ${tools.join(", ")}, not found here: apt-get install cmake g++ xz-utils`,
  );
  process.exit(3);
}

const KEY = "uploads/a.jpg";
const MINUTE = 60_000;

const failed = (...ids: string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

let wrong = 0;
function expect(what: string, found: unknown, expected: unknown): void {
  const isRight = isDeepStrictEqual(found, expected);
  if (!isRight) wrong += 1;
  console.log(
    isRight ? `✓ ${what}` : `✗ ${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`,
  );
}

await install().catch((error: unknown) => {
  console.error(
    `AWS's runtime client cannot be built here: ${error instanceof Error ? error.message : error}`,
  );
  process.exit(3);
});
const directory = await mkdtemp(join(tmpdir(), "thumbsmith-runtime-"));
const folder = join(directory, "package");
const { resources } = await deploy({ stage: "runtime", environment: {}, architecture: here }, folder);
const deployed = resources.find(({ type }) => type === "aws:lambda/function:Function");
const variables: Record<string, string> = deployed?.inputs.environment.variables ?? {};
const { UPLOADS_BUCKET, THUMBNAILS_BUCKET } = variables;
const message = (messageId: string, body: string) => ({ messageId, body, eventSource: "aws:sqs" });
const upload = message(
  "upload",
  JSON.stringify({
    Records: [
      {
        ...{ eventVersion: "2.1", eventSource: "aws:s3", eventName: "ObjectCreated:Put" },
        s3: { bucket: { name: UPLOADS_BUCKET }, object: { key: KEY } },
      },
    ],
  }),
);

const aws = await startAws({ directory: join(directory, "s3") });
const { endpoint, region, credentials } = aws;
const environment = {
  ...variables,
  ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
};
const s3 = createClient({ endpoint, region, credentials });
for (const Bucket of [UPLOADS_BUCKET, THUMBNAILS_BUCKET]) await s3.send(new CreateBucketCommand({ Bucket }));
const Body = await readFile(new URL("../../../samples/mountain-sunset-baseline.jpg", import.meta.url));
await s3.send(new PutObjectCommand({ Bucket: UPLOADS_BUCKET, Key: KEY, Body }));

const lambda = await startLambda(folder, { ...environment, AWS_ENDPOINT_URL: endpoint });
expect("the first event is answered", await lambda.invoke({ Records: [upload] }, MINUTE), failed());
const { ContentType, ContentLength = 0 } = await s3.send(
  new GetObjectCommand({ Bucket: THUMBNAILS_BUCKET, Key: "thumbnails/a.jpg" }),
);
expect("its thumbnail exists", [ContentType, ContentLength > 1_000], ["image/jpeg", true]);
expect(
  "a malformed message fails, and the other does not",
  await lambda.invoke({ Records: [message("none", "not an event"), upload] }, MINUTE),
  failed("none"),
);
expect(
  "no job is begun when little time is left, and the messages come back",
  await lambda.invoke({ Records: [upload] }, 3_000),
  failed("upload"),
);
expect("the next event is answered again", await lambda.invoke({ Records: [upload] }, MINUTE), failed());
await lambda.stop();

/** Accepts every request, and answers none. */
const silent = createServer(() => {}).listen(0, "127.0.0.1");
await once(silent, "listening");
const stalled = await startLambda(folder, {
  ...environment,
  AWS_ENDPOINT_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
});
expect(
  "an S3 that never answers fails the message before Lambda ends it",
  await Promise.race([
    stalled.invoke({ Records: [upload] }, 8_000),
    new Promise((resolve) => setTimeout(resolve, 20_000, "no answer").unref()),
  ]),
  failed("upload"),
);
await stalled.stop();

silent.closeAllConnections();
silent.close();
s3.destroy();
await aws.close();
await rm(directory, { recursive: true });
process.exit(wrong > 0 ? 1 : 0);
