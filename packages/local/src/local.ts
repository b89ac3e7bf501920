import { once } from "node:events";
import { join, relative, resolve } from "node:path";
import { paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { Command, InvalidArgumentError } from "commander";
import { main } from "./main.ts";
import { BUCKETS, LOCAL_PORT, type Pipeline, startPipeline } from "./pipeline.ts";
import { ruleFor } from "./sources.ts";
import { line } from "./summary.ts";
import { whereTyped } from "./where-typed.ts";

await main(async (signal) => {
  const program = new Command("local")
    .exitOverride()
    .description(
      "Keeps a local S3, its queue and the handler up: what is uploaded gets its thumbnails at once.",
    )
    .option("--directory <path>", "where the buckets are kept as folders", ".thumbsmith/local")
    .option("--port <number>", "where S3 listens on 127.0.0.1", portNumber, LOCAL_PORT)
    .parse();
  const { directory, port } = program.opts<{ directory: string; port: number }>();
  const { default: config } = await import("../../../thumbsmith.config.ts");
  const { prefix } = ruleFor(config);
  const from = whereTyped();
  const home = resolve(from, directory);
  const folder = (bucket: string, below: string) => relative(from, join(home, bucket, below)) || ".";

  const pipeline = await startPipeline({
    config,
    directory: home,
    port,
    report(report) {
      const text = line(report);
      if (text) console.log(text);
    },
  });
  await pipeline.adopt();
  const { accessKeyId, secretAccessKey } = pipeline.credentials;
  console.log(`Copy a photo into  ${folder(BUCKETS.uploads, prefix)}
or upload it with  AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} \\
                   aws --endpoint-url ${pipeline.endpoint} s3 cp photo.jpg s3://${BUCKETS.uploads}/${prefix}
Thumbnails are in  ${folder(BUCKETS.thumbnails, "")}
Ctrl-C ends it; the folders stay.
`);
  await lookAtAll(pipeline);
  if (!signal.aborted) await once(signal, "abort");
  await pipeline.stop();
  return 0;
});

/** The queue's messages were lost with the last run, so every source is looked at once more. */
async function lookAtAll({ s3, look }: Pipeline): Promise<void> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: BUCKETS.uploads })) {
    for (const { Key } of Contents) if (Key) await look(Key);
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError("Expected a port from 0 to 65535.");
}
