import { readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { SendMessageCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { createSubscriber } from "@thumbsmith/functions";
import { startEventSourceMapping } from "@thumbsmith/local";
import { backfill } from "../../packages/cli/src/commands/backfill.ts";
import { failures } from "../../packages/cli/src/commands/failures.ts";
import { inspect } from "../../packages/cli/src/commands/inspect.ts";
import { redrive } from "../../packages/cli/src/commands/redrive.ts";
import { status } from "../../packages/cli/src/commands/status.ts";
import { sweep } from "../../packages/cli/src/commands/sweep.ts";
import { verify } from "../../packages/cli/src/commands/verify.ts";
import { depth } from "../../packages/cli/src/dead-letters.ts";
import type { Operation } from "../../packages/cli/src/operation.ts";
import { connect, type Target } from "../../packages/cli/src/target.ts";
import { attributesOf } from "../../packages/cli/src/verify/live.ts";
import type { GraphData, Resource } from "../infra/graph.ts";
import installPlatform from "../infra/install-platform.ts";
import { synthesize } from "../infra/synthesize.ts";
import { deploy } from "./deploy.ts";
import { cannotHold, leftOut } from "./differences.ts";
import { sabotage } from "./sabotage.ts";
import { startMoto } from "./tools.ts";

const SAMPLES = new URL("../../samples/", import.meta.url);
const REGION = "us-east-1";

/** Deploys to the emulator, and does what an operator does. @returns the exit code */
export async function rehearse(): Promise<number> {
  const failed: string[] = [];
  const step = async (name: string, work: () => Promise<string>, isRight: (said: string) => boolean) => {
    const start = Date.now();
    const said = await work();
    const right = isRight(said);
    if (!right) failed.push(name);
    console.log(`\n${right ? "✓" : "✗"} ${name} (${((Date.now() - start) / 1_000).toFixed(1)} s)\n${said}`);
  };
  const moto = await startMoto();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: moto.endpoint,
    AWS_ACCESS_KEY_ID: "rehearsal",
    AWS_SECRET_ACCESS_KEY: "rehearsal",
    AWS_REGION: REGION,
  });
  let outputs = "";
  await step(
    "deploy",
    async () => {
      installPlatform();
      const environment = { ALARM_EMAILS: "on-call@example.com" };
      const { data } = await synthesize({ stage: "rehearsal", region: REGION, environment });
      const resources = withPlainLogGroup(data).filter(({ type }) => !leftOut.includes(type));
      outputs = await deploy({ ...data, resources }, moto.endpoint);
      return `${resources.filter(({ type }) => type.startsWith("aws:")).length} resources of AWS`;
    },
    () => true,
  );
  const target = await connect({ stage: "rehearsal", outputs });
  const ask = <O extends object>(operation: Operation<O>, options: O, ...args: string[]) =>
    operation.run({ connect: async () => target, options, args, signal: new AbortController().signal });
  const say = async (answer: Promise<{ text: string }>) => (await answer).text;

  await step(
    "verify",
    () => say(ask(verify, { readOnly: true, wait: 1, accept: cannotHold })),
    (said) => !/^[✗?]/m.test(said),
  );
  const policies = await takePolicies(target);
  await bringBackAfter(target, 2);
  await step(
    "pictures",
    () => pictures(target),
    (said) => said.startsWith("4 made"),
  );
  await step(
    "inspect",
    () => say(ask(inspect, {}, "uploads/a b+é.JPG")),
    (said) => said.includes("Current:"),
  );
  await step(
    "failing",
    () => failing(target),
    (said) => said === "2 dead letters",
  );
  await step(
    "failures",
    () => say(ask(failures, { limit: 100 })),
    (said) => said.includes("invalid-message") && said.includes("uploads/late.jpg"),
  );
  await step(
    "status",
    () => say(ask(status, {})),
    (said) => /dead letters +2/.test(said),
  );
  await step(
    "redrive",
    () => say(ask(redrive, { rate: 100, yes: true, prefix: "uploads/" })),
    (said) => said.startsWith("1 dead letter sent"),
  );
  await step(
    "and it is made",
    () => worked(target, "uploads/late.jpg"),
    (said) => said.includes("Current:"),
  );
  await step(
    "backfill",
    () => backfilled(target, ask),
    (said) => said.startsWith("6 sources looked at, 5 current, 1 sent"),
  );
  await step(
    "sweep",
    () => say(ask(sweep, { rate: 100, olderThan: 60 })),
    (said) => said === "Every output has its source.",
  );
  for (const [Bucket, Policy] of policies)
    await target.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  await bringBackAfter(target, 6 * target.config.limits.timeout);
  await step(
    "sabotage",
    () => sabotage(target),
    (said) => /^(\d+) of \1 sabotages were named/m.test(said),
  );
  target.close();
  moto.stop();
  await rm(dirname(outputs), { recursive: true, force: true });
  console.log(
    failed.length === 0 ? "\nThe rehearsal went well." : `\nThe rehearsal failed at: ${failed.join(", ")}.`,
  );
  return failed.length === 0 ? 0 : 1;
}

/** See the differences: the log group gets the name that Lambda would give it. */
function withPlainLogGroup({ resources, outputs }: GraphData): Resource[] {
  const group = resources.find(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup");
  const text = JSON.stringify(resources);
  return JSON.parse(text.replaceAll(group?.outputs.name, `/aws/lambda/${outputs.functionName}`));
}

/** See the differences: while they are there, moto refuses every write. */
async function takePolicies({ s3, uploadsBucket, thumbnailsBucket }: Target): Promise<[string, string][]> {
  const policies: [string, string][] = [];
  for (const Bucket of [uploadsBucket, thumbnailsBucket]) {
    const { Policy = "" } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    policies.push([Bucket, Policy]);
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  }
  return policies;
}

/** See the differences. The policy is sent along because moto would forget it. */
async function bringBackAfter(target: Target, seconds: number): Promise<void> {
  const { Policy = "" } = await attributesOf(target, target.queueUrl);
  const Attributes = { Policy, VisibilityTimeout: String(seconds) };
  await target.sqs.send(new SetQueueAttributesCommand({ QueueUrl: target.queueUrl, Attributes }));
}

async function upload(
  { s3, uploadsBucket: Bucket }: Target,
  file: string,
  Key = `uploads/${file}`,
): Promise<void> {
  await s3.send(
    new PutObjectCommand({ Bucket, Key, Body: await readFile(new URL(encodeURIComponent(file), SAMPLES)) }),
  );
}

async function pictures(target: Target): Promise<string> {
  for (const file of [
    "forest-stream.webp",
    "a b+é.JPG",
    "mountain-sunset-baseline.jpg",
    "fig-in-bowl-alpha.png",
  ])
    await upload(target, file);
  // Neither is announced: one lies elsewhere, the other's suffix is of no image.
  await upload(target, "mountain-sunset-baseline.jpg", "elsewhere/a.jpg");
  await upload(target, "README.md");
  const counts = await workOff(target, target.thumbnailsBucket);
  return `${counts.made} made, ${counts.other} other`;
}

/** A message that is none, and a picture whose thumbnail has nowhere to go. */
async function failing(target: Target): Promise<string> {
  const { sqs, queueUrl: QueueUrl } = target;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "not an event" }));
  await upload(target, "mountain-sunset-baseline.jpg", "uploads/late.jpg");
  await workOff(target, "a-bucket-that-is-not-there");
  return `${(await depth(target, target.deadLetterQueueUrl)).waiting} dead letters`;
}

async function worked(target: Target, key: string): Promise<string> {
  await workOff(target, target.thumbnailsBucket);
  const answer = await inspect.run({
    ...{ connect: async () => target, args: [key], options: {}, signal: new AbortController().signal },
  });
  return answer.text;
}

/** A source that was there before: its event was lost. */
async function backfilled(
  target: Target,
  ask: (
    operation: typeof backfill,
    options: Parameters<typeof backfill.run>[0]["options"],
  ) => Promise<{ text: string }>,
): Promise<string> {
  await upload(target, "forest-stream.webp", "uploads/before.webp");
  await workOff(target, target.thumbnailsBucket, "lost");
  const options = { yes: true, fresh: true, rate: 100, backlog: 100, parallel: 4 };
  const { text } = await ask(backfill, options);
  return `${text}\n${await worked(target, "uploads/before.webp")}`;
}

/** Calls the handler, as Lambda would, until nothing waits. */
async function workOff(target: Target, thumbnailsBucket: string, fate: "kept" | "lost" = "kept") {
  const counts = { made: 0, other: 0 };
  const { limits } = target.config;
  const handler = createSubscriber({
    config: target.config,
    environment: { UPLOADS_BUCKET: target.uploadsBucket, THUMBNAILS_BUCKET: thumbnailsBucket },
    client: target.s3,
    report({ outcome }) {
      counts[outcome?.result === "made" ? "made" : "other"] += 1;
    },
  });
  const mapping = startEventSourceMapping({
    sqs: target.sqs,
    queueUrl: target.queueUrl,
    queueArn: `arn:aws:sqs:${REGION}:123456789012:${target.queueUrl.split("/").at(-1)}`,
    batchSize: 10,
    maximumConcurrency: 1,
    functionName: "rehearsal",
    timeoutSeconds: limits.timeout,
    memoryMb: limits.memory,
    handler: fate === "lost" ? async () => ({ batchItemFailures: [] }) : handler,
  });
  const isEmpty = async () => {
    const { waiting, inHand } = await depth(target, target.queueUrl);
    return waiting + inHand === 0;
  };
  // moto's counts lag: it is empty when it is so twice in a row.
  for (let empty = 0; empty < 2; empty = (await isEmpty()) ? empty + 1 : 0) await delay(250);
  await mapping.stop();
  return counts;
}
