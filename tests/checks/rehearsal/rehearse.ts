import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
} from "@aws-sdk/client-s3";
import { backfill } from "../../../packages/cli/src/commands/backfill.ts";
import { failures } from "../../../packages/cli/src/commands/failures.ts";
import { inspect } from "../../../packages/cli/src/commands/inspect.ts";
import { redrive } from "../../../packages/cli/src/commands/redrive.ts";
import { status } from "../../../packages/cli/src/commands/status.ts";
import { sweep } from "../../../packages/cli/src/commands/sweep.ts";
import { verify } from "../../../packages/cli/src/commands/verify.ts";
import { connect, type Target } from "../../../packages/cli/src/deployment/target.ts";
import { openBuckets, prepare, type Stage } from "./deploy.ts";
import { cannotHold } from "./differences.ts";
import { existingBucket } from "./existing-bucket.ts";
import { leftOf } from "./left.ts";
import { ask, bringBackAfter, deletePluses, type Run } from "./operate.ts";
import { sabotage } from "./sabotage.ts";
import { initialise } from "./terraform.ts";
import { startMoto } from "./tools.ts";
import { failing, pictures, uploadUnheard, workOff } from "./traffic.ts";

const REGION = "us-east-1";
const STAGE = "rehearsal";
const BACKFILL = { yes: true, fresh: true, rate: 100, backlog: 100, parallel: 4 };

/** What an operator does, and a check of what is printed. */
interface Step {
  name: string;
  work(target: Target): Promise<string>;
  isRight(said: string): boolean;
}

const verified: Step = {
  name: "verify",
  work: (target) => ask(target, verify, { readOnly: true, wait: 1, accept: cannotHold }),
  isRight: (said) => !/^[✗?]/m.test(said),
};

const operated: Step[] = [
  { name: "pictures", work: pictures, isRight: (said) => said.startsWith("4 made") },
  {
    name: "inspect",
    work: (target) => ask(target, inspect, {}, "uploads/a b+é.JPG"),
    isRight: (said) => said.includes("Current:"),
  },
  { name: "failing", work: failing, isRight: (said) => said === "2 dead letters" },
  {
    name: "failures",
    work: (target) => ask(target, failures, { limit: 100 }),
    isRight: (said) => said.includes("invalid-message") && said.includes("uploads/late.jpg"),
  },
  {
    name: "status",
    work: (target) => ask(target, status, {}),
    isRight: (said) => /dead letters +2/.test(said),
  },
  {
    name: "redrive",
    work: (target) => ask(target, redrive, { rate: 100, yes: true, prefix: "uploads/" }),
    isRight: (said) => said.startsWith("1 dead letter back"),
  },
  {
    name: "the redriven source is made",
    work: (target) => made(target, "uploads/late.jpg"),
    isRight: (said) => said.includes("Current:"),
  },
  {
    name: "backfill",
    work: (target) => uploadUnheard(target).then(() => ask(target, backfill, BACKFILL)),
    isRight: (said) => said.startsWith("6 sources checked, 5 current, 1 sent"),
  },
  {
    name: "the backfilled source is made",
    work: (target) => made(target, "uploads/before.webp"),
    isRight: (said) => said.includes("Current:"),
  },
  {
    name: "sweep",
    work: (target) => ask(target, sweep, { rate: 100, olderThan: 60 }),
    isRight: (said) => said === "Every output has its source, or its rule keeps it.",
  },
];

const sabotaged: Step = {
  name: "sabotage",
  work: sabotage,
  isRight: (said) => /^(\d+) of \1 sabotages were found/m.test(said),
};

/** The changes of a deployment with another size of thumbnails. */
const REBUILT = [
  "delete and create aws_s3_object.SubscriberCode",
  "delete and create aws_s3_object.SubscriberSourcemap0",
  "update aws_lambda_function.SubscriberFunction: s3_key",
];

/** Deploys to the emulator, and does what an operator does. @returns the exit code */
export async function rehearse(): Promise<number> {
  const moto = await startMoto();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: moto.endpoint,
    AWS_ACCESS_KEY_ID: "rehearsal",
    AWS_SECRET_ACCESS_KEY: "rehearsal",
    AWS_REGION: REGION,
  });
  const folder = await mkdtemp(join(tmpdir(), "thumbsmith-rehearsal-"));
  await initialise(folder);
  const stage = await prepare(STAGE, moto.endpoint, folder);
  const failed: string[] = [];
  const run = async (name: string, work: () => Promise<string>, isRight: (said: string) => boolean) => {
    const start = Date.now();
    const said = await work();
    if (!isRight(said)) failed.push(name);
    const seconds = ((Date.now() - start) / 1_000).toFixed(1);
    console.log(`\n${isRight(said) ? "✓" : "✗"} ${name} (${seconds} s)\n${said}`);
  };
  try {
    await perform(stage, run);
    await existingBucket(stage.checkout, moto.endpoint, run);
  } finally {
    moto.stop();
    await Promise.all([rm(folder, { recursive: true, force: true }), stage.checkout.remove()]);
  }
  const end = failed.length > 0 ? `The rehearsal failed at: ${failed.join(", ")}.` : "The rehearsal passed.";
  console.log(`\n${end}`);
  return failed.length > 0 ? 1 : 0;
}

async function perform(stage: Stage, run: Run): Promise<void> {
  await run(
    "deploy",
    async () => `${(await stage.deploy()).length} AWS resources`,
    (said) => /^[3-9]\d/.test(said),
  );
  const target = await connect({ stage: STAGE, outputs: stage.outputs });
  const runStep = ({ name, work, isRight }: Step) => run(name, () => work(target), isRight);
  try {
    await runStep(verified);
    const policies = await takePolicies(target);
    await bringBackAfter(target, 2);
    for (const step of operated) await runStep(step);
    await putPolicies(target, policies);
    await bringBackAfter(target, 6 * target.config.limits.timeout);
    await deployAgain(stage, run);
    await runStep(sabotaged);
    await openBuckets();
    await deletePluses(target, target.uploadsBucket, target.thumbnailsBucket);
    await remove(stage, run);
  } finally {
    target.close();
  }
}

async function deployAgain({ deploy, checkout }: Stage, run: Run): Promise<void> {
  const changes = async () => (await deploy()).join("\n") || "no changes";
  await run("deploy the same", changes, (said) => said === "no changes");
  await checkout.edit("thumbsmith.config.ts", (source) => source.replace(/width: \d+/, "width: 123"));
  await run("deploy another width", changes, (said) => said === REBUILT.join("\n"));
}

async function remove(stage: Stage, run: Run): Promise<void> {
  await run(
    "remove a retained stage",
    async () => (await stage.remove("production")).said.trim(),
    (said) => said.includes("Cannot remove protected stage"),
  );
  await run(
    "remove",
    async () => {
      const { code, said } = await stage.remove();
      return code === 0 ? (await leftOf(`thumbsmith-${STAGE}`)).join("\n") || "nothing left" : said;
    },
    (said) => said === "nothing left",
  );
}

/** Handles all messages, then inspects a key. */
async function made(target: Target, key: string): Promise<string> {
  await workOff(target);
  return ask(target, inspect, {}, key);
}

/** Removes the buckets' policies, with which moto refuses every write: see the differences. */
async function takePolicies({ s3, uploadsBucket, thumbnailsBucket }: Target): Promise<[string, string][]> {
  const policies: [string, string][] = [];
  for (const Bucket of [uploadsBucket, thumbnailsBucket]) {
    const { Policy = "" } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    policies.push([Bucket, Policy]);
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  }
  return policies;
}

async function putPolicies({ s3 }: Target, policies: [string, string][]): Promise<void> {
  for (const [Bucket, Policy] of policies) await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
}
