import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DeleteObjectCommand, GetObjectCommand, NoSuchKey, PutObjectCommand } from "@aws-sdk/client-s3";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { startPipeline } from "@thumbsmith/local";
import { type ConfigInput, defineConfig } from "@thumbsmith/shared";
import { connectLocal, type Target } from "../src/deployment/target.ts";
import type { Answer, Operation } from "../src/operation.ts";

const SAMPLES = new URL("../../../samples/", import.meta.url);

export const config = (variant: Partial<ConfigInput["rules"][number]["variants"][number]> = {}) =>
  defineConfig({
    rules: [{ prefix: "uploads/", variants: [{ prefix: "thumbnails/", width: 60, height: 60, ...variant }] }],
  });

/** Starts a local pipeline, with helpers to run commands on it. */
export async function startOperator() {
  const directory = await mkdtemp(join(tmpdir(), "thumbsmith-cli-"));
  const pipeline = await startPipeline({ config: config(), directory, report() {} });
  const target = await connectLocal(pipeline.endpoint, config());
  const { s3, uploadsBucket, thumbnailsBucket } = target;

  return {
    endpoint: pipeline.endpoint,
    directory,
    target,
    ask<O extends object>(operation: Operation<O>, options: O, ...args: string[]): Promise<Answer> {
      return this.askAt(target, operation, options, ...args);
    },
    askAt<O extends object>(
      at: Target,
      operation: Operation<O>,
      options: O,
      ...args: string[]
    ): Promise<Answer> {
      const { signal } = new AbortController();
      return operation.run({ connect: async () => at, options, args, signal });
    },
    async upload(key: string, file = "mountain-sunset-baseline.jpg") {
      const Body = await readFile(new URL(file, SAMPLES));
      await s3.send(new PutObjectCommand({ Bucket: uploadsBucket, Key: key, Body }));
    },
    put: (Key: string, Body: string) =>
      s3.send(new PutObjectCommand({ Bucket: thumbnailsBucket, Key, Body })),
    remove: (Key: string) => s3.send(new DeleteObjectCommand({ Bucket: thumbnailsBucket, Key })),
    /** Whether the thumbnails bucket has it. */
    async has(Key: string) {
      try {
        await s3.send(new GetObjectCommand({ Bucket: thumbnailsBucket, Key }));
        return true;
      } catch (error) {
        if (error instanceof NoSuchKey) return false;
        throw error;
      }
    },
    async deadLetter(body: string) {
      await target.sqs.send(
        new SendMessageCommand({ QueueUrl: target.deadLetterQueueUrl, MessageBody: body }),
      );
    },
    /** Resolves when no message waits in the queue. */
    async drain() {
      while ((await pipeline.backlog()).waiting > 0) await delay(20);
    },
    deadLetters: async () => (await pipeline.backlog()).deadLetters,
    async stop() {
      target.close();
      await pipeline.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
export type Operator = Awaited<ReturnType<typeof startOperator>>;
