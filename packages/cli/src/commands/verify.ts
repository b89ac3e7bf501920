import { GetBucketVersioningCommand } from "@aws-sdk/client-s3";
import type { Target } from "../deployment/target.ts";
import type { Operation } from "../operation.ts";
import { wholeNumber } from "../terminal/numbers.ts";
import { counted } from "../terminal/print.ts";
import { bucketChecks } from "../verify/buckets.ts";
import { canaryChecks } from "../verify/canary.ts";
import { type Check, describe, type Result, runChecks } from "../verify/checks.ts";
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
    "Compares what is deployed with what it must be, property by property. Then, unless told otherwise, a canary: " +
    "a picture goes in, its thumbnail is looked at, and all is removed.",
  examples: [
    "pnpm thumbsmith verify --stage production",
    "pnpm thumbsmith verify --stage production --read-only --accept thumbnails.policy",
  ],
  define: (command) =>
    command
      .option("--read-only", "changes nothing: no canary")
      .option("--accept <checks...>", "checks that differ on purpose")
      .option("--wait <seconds>", "how long the canary may take, each way", wholeNumber, 60),

  async run({ connect, options }) {
    const target = await connect();
    const results = [
      ...(await readAll(target, options.accept)),
      ...(options.readOnly
        ? []
        : await runChecks(canaryChecks(target, options.wait), undefined, options.accept)),
    ];
    const unknown = results.filter(({ result }) => result === "unknown");
    const differ = results.some(({ result }) => result === "differs");
    if (unknown.length > 0 && !differ) throw new Error(unreadable(results));
    return { found: differ, data: results, text: describe(results) };
  },
};

async function readAll(target: Target, accepted?: string[]): Promise<Result[]> {
  if (!target.deployed) return runChecks(localChecks(target), undefined, accepted);
  const live = createLive(target, target.deployed);
  try {
    const checks = [
      ...bucketChecks(live),
      ...(await queueChecks(live)),
      ...(await functionChecks(live)),
      ...(await watchChecks(live)),
    ];
    return await runChecks(checks, live, accepted);
  } finally {
    live.close();
  }
}

/** What the local pipeline has of a deployment. */
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

function unreadable(results: Result[]): string {
  return `${describe(results)}\nUse a role that may read what is marked with a question mark, such as ViewOnlyAccess with SecurityAudit.`;
}
