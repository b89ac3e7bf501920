import { DeleteObjectCommand, ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import { SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { Target } from "../../../packages/cli/src/deployment/target.ts";
import type { Operation } from "../../../packages/cli/src/operation.ts";
import { attributesOf } from "../../../packages/cli/src/verify/live.ts";

/** Does something, and checks what it prints. */
export type Run = (
  name: string,
  work: () => Promise<string>,
  isRight: (said: string) => boolean,
) => Promise<void>;

/** Runs a command, and returns what it prints. */
export async function ask<O extends object>(
  target: Target,
  operation: Operation<O>,
  options: O,
  ...args: string[]
): Promise<string> {
  const { signal } = new AbortController();
  return (await operation.run({ connect: async () => target, options, args, signal })).text;
}

/** Sets the visibility timeout: see the differences. The policy is set too, because moto would drop it. */
export async function bringBackAfter(target: Target, seconds: number): Promise<void> {
  const { Policy = "" } = await attributesOf(target, target.queueUrl);
  const Attributes = { Policy, VisibilityTimeout: String(seconds) };
  await target.sqs.send(new SetQueueAttributesCommand({ QueueUrl: target.queueUrl, Attributes }));
}

/** Deletes the objects that moto does not delete in a list: see the differences. */
export async function deletePluses({ s3 }: Target, ...buckets: string[]): Promise<void> {
  for (const Bucket of buckets) {
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    for (const { Key, VersionId } of Versions.filter((each) => each.Key?.includes("+")))
      await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  }
}
