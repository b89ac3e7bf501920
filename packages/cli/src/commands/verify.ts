import { GetBucketVersioningCommand } from "@aws-sdk/client-s3";
import type { Target } from "../deployment/target.ts";
import type { Operation } from "../operation.ts";
import { wholeNumber } from "../terminal/numbers.ts";
import { counted } from "../terminal/print.ts";
import { bucketChecks } from "../verify/buckets.ts";
import { canaryChecks } from "../verify/canary.ts";
import { type Check, describe, differs, type Result, refuseUnknown, runChecks } from "../verify/checks.ts";
import { eventBridgeAdvice } from "../verify/existing-bucket.ts";
import { functionChecks } from "../verify/function.ts";
import { attributesOf, createLive } from "../verify/live.ts";
import { compareNotifications, expectedNotifications } from "../verify/notifications.ts";
import { queueChecks } from "../verify/queues.ts";
import { watchChecks } from "../verify/watching.ts";

interface Options {
  readOnly?: boolean;
  accept?: string[];
  wait: number;
}

export const verify: Operation<Options> = {
  name: "verify",
  description:
    "Compare what is deployed with what should be, property by property. Then send a canary: " +
    "upload an image, check its thumbnail, and remove both.",
  examples: [
    "pnpm thumbsmith verify --stage production",
    "pnpm thumbsmith verify --stage production --read-only --accept thumbnails.policy",
  ],
  define: (command) =>
    command
      .option("--read-only", "change nothing: send no canary")
      .option("--accept <checks...>", "checks that may differ, because you changed them on purpose")
      .option(
        "--wait <seconds>",
        "how long to wait for the canary's thumbnail, and again for its removal",
        wholeNumber,
        60,
      ),

  async run({ connect, options }) {
    const target = await connect();
    const { accept: accepted = [], readOnly, wait } = options;
    const how = { accepted, label: target.label };
    const canary = canaryChecks(target, wait);
    const run = async <Live>(checks: Check<Live>[], live: Live): Promise<Result[]> => {
      refuseUnknown("--accept", accepted, [...checks, ...canary]);
      return runChecks(checks, live, how);
    };
    const results = await readAll(target, run);
    if (!readOnly) results.push(...(await runChecks(canary, undefined, how)));
    const found = differs(results);
    const advice = eventBridgeAdvice(results, target.uploadsBucket);
    return { found, data: results, text: [describe(results), ...(advice ? [advice] : [])].join("\n") };
  },
};

type Run = <Live>(checks: Check<Live>[], live: Live) => Promise<Result[]>;

async function readAll(target: Target, run: Run): Promise<Result[]> {
  if (!target.deployed) return run(localChecks(target), undefined);
  const live = createLive(target, target.deployed);
  try {
    const checks = [
      ...bucketChecks(live),
      ...(await queueChecks(live)),
      ...(await functionChecks(live)),
      ...(await watchChecks(live)),
    ];
    return await run(checks, live);
  } finally {
    live.close();
  }
}

/** The parts of a deployment that the local pipeline has too. */
function localChecks(target: Target): Check<void>[] {
  const { s3, config, uploadsBucket, thumbnailsBucket, queueUrl } = target;
  const notifications = expectedNotifications(config);
  const attributes = () => attributesOf(target, queueUrl);
  return [
    ...[uploadsBucket, thumbnailsBucket].map((Bucket) => ({
      id: `${Bucket.replace(/-bucket$/, "")}.versioning`,
      expected: "Enabled",
      read: async () => (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status ?? "none",
    })),
    {
      id: "uploads.notification",
      expected: counted(notifications.length, "notification"),
      read: async () =>
        compareNotifications(s3, uploadsBucket, (await attributes()).QueueArn ?? "", notifications),
    },
    {
      id: "queue.redrive",
      expected: "to the dead letters",
      read: async () => ((await attributes()).RedrivePolicy ? "to the dead letters" : "none"),
    },
  ];
}
