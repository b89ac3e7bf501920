import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { type LocalAws, startAws } from "@thumbsmith/aws-local";
import { createClient } from "@thumbsmith/functions";
import { notificationBody } from "@thumbsmith/shared";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deploy, here } from "./deployment.ts";

let folder: string;
let aws: LocalAws;
let s3: S3Client;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "thumbsmith-edit-"));
  const stage = { stage: "kim", environment: {}, architecture: here, example: "watermark" } as const;
  await deploy(stage, join(folder, "function"));
  aws = await startAws({ directory: join(folder, "buckets") });
  s3 = createClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
});
afterAll(async () => {
  s3.destroy();
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

it.runIf(process.platform === "linux")(
  "the package that SST builds contains an edit and its watermark",
  async () => {
    for (const Bucket of ["uploads", "thumbnails"]) await s3.send(new CreateBucketCommand({ Bucket }));
    const Body = await sharp({ create: { width: 400, height: 400, channels: 3, background: "#0000ff" } })
      .png()
      .toBuffer();
    const Key = "uploads/blue.png";
    await s3.send(new PutObjectCommand({ Bucket: "uploads", Key, Body }));
    const body = notificationBody({ bucket: "uploads", key: Key, event: "ObjectCreated:Put" });
    const script = `
    const { handler } = await import("./bundle.mjs");
    const event = { Records: [{ messageId: "1", body: process.env.BODY }] };
    console.log(JSON.stringify(await handler(event, { getRemainingTimeInMillis: () => 60_000 })));
  `;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      cwd: join(folder, "function"),
      env: {
        ...{ BODY: body, UPLOADS_BUCKET: "uploads", THUMBNAILS_BUCKET: "thumbnails" },
        ...{ AWS_ENDPOINT_URL: aws.endpoint, AWS_REGION: aws.region },
        AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
      },
    });
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toEqual({ batchItemFailures: [] });
    const made = await s3.send(new GetObjectCommand({ Bucket: "thumbnails", Key: "marked/blue.png" }));
    const { data, info } = await sharp(await made.Body?.transformToByteArray())
      .raw()
      .toBuffer({ resolveWithObject: true });
    const at = (info.width * (info.height - 16) + info.width - 28) * info.channels;
    expect([...data.subarray(at, at + 3)]).toEqual([204, 204, 255]);
  },
);
