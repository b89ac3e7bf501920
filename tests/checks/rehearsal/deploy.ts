import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DeleteBucketPolicyCommand, ListBucketsCommand } from "@aws-sdk/client-s3";
import { createClient } from "@thumbsmith/functions";
import { type Checkout, checkOut } from "../../sst/checkout.ts";
import { sst } from "../../sst/command.ts";

/** A stage that the real `sst` deploys to the emulator, from its own checkout. */
export interface Stage {
  checkout: Checkout;
  /** The file of outputs that SST writes. */
  outputs: string;
  /** @returns the changes, such as `update aws_lambda_function.Subscriber: s3_key` */
  deploy(): Promise<string[]>;
  /** @returns the exit code, and the output */
  remove(name?: string): Promise<{ code: number; said: string }>;
}

/** @param folder for Terraform's state */
export async function prepare(stage: string, endpoint: string, folder: string): Promise<Stage> {
  const prepared = stageOf(await checkOut(), stage, folder, { AWS_ENDPOINT_URL: endpoint });
  // SST makes its own buckets in its first run, even if that fails.
  await prepared.deploy().catch(() => {});
  await openBuckets();
  return prepared;
}

/** @param variables `AWS_ENDPOINT_URL`, and the settings of the stage */
export function stageOf(
  checkout: Checkout,
  stage: string,
  folder: string,
  variables: { AWS_ENDPOINT_URL: string; [setting: string]: string },
): Stage {
  const run = (command: string, name: string) =>
    sst(checkout, [command, "--stage", name], {
      ...{ ...variables, ALARM_EMAILS: "on-call@example.com", REHEARSAL_FOLDER: folder },
      STAND_IN_ENGINE: new URL("engine.ts", import.meta.url).href,
    });
  const deploy = async () => {
    const { code, said } = await run("deploy", stage);
    if (code !== 0) throw new Error(`Expected "sst deploy" to succeed, found:\n${said}`);
    return JSON.parse(await readFile(join(folder, "changes.json"), "utf8"));
  };
  return {
    ...{ checkout, deploy, outputs: join(checkout.folder, ".sst/outputs.json") },
    remove: (name = stage) => run("remove", name),
  };
}

/** Removes the policies of all buckets, SST's included, because of which SST's first run failed: see the differences. */
export async function openBuckets(): Promise<void> {
  const s3 = createClient();
  const { Buckets = [] } = await s3.send(new ListBucketsCommand());
  for (const { Name: Bucket } of Buckets) await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  s3.destroy();
}
