import { counted } from "../terminal/print.ts";
import { type Check, compare } from "./checks.ts";
import type { Live } from "./live.ts";
import { lines, linesOf, type Rule, tlsOnly } from "./policy.ts";

const DAY = 24 * 60 * 60;

/** An attribute of a queue that has to match exactly. */
interface Attribute {
  id: string;
  name: string;
  expected: string;
}

export async function queueChecks(live: Live): Promise<Check<Live>[]> {
  const [queueArn = "", deadArn = ""] = [(await live.queue()).QueueArn, (await live.deadLetters()).QueueArn];
  return [...mainChecks(live, queueArn, deadArn), ...deadLetterChecks(live, queueArn, deadArn)];
}

/** Who may send events: S3 if the deployment made the bucket, an EventBridge rule if the bucket existed before. */
function maySend({ deployed, region, account, uploadsBucket }: Live, queueArn: string): Rule {
  const name = deployed.uploadsRuleName;
  return {
    effect: "allow",
    to: name ? "events.amazonaws.com" : "s3.amazonaws.com",
    actions: ["sqs:SendMessage"],
    on: [queueArn],
    when: {
      "ArnEquals aws:SourceArn": name
        ? `arn:aws:events:${region}:${account}:rule/${name}`
        : `arn:aws:s3:::${uploadsBucket}`,
      "StringEquals aws:SourceAccount": account,
    },
  };
}

function mainChecks(live: Live, queueArn: string, deadArn: string): Check<Live>[] {
  const { deployed, config } = live;
  return [
    policy("queue", "queue", [maySend(live, queueArn), tlsOnly("sqs:*", [queueArn])]),
    ...attributes("queue", [
      { id: "queue.encryption", name: "KmsMasterKeyId", expected: deployed.keyArn },
      { id: "queue.retention", name: "MessageRetentionPeriod", expected: String(4 * DAY) },
      { id: "queue.visibility", name: "VisibilityTimeout", expected: String(6 * config.limits.timeout) },
    ]),
    {
      id: "queue.redrive",
      expected: `to ${deadArn} after 5 receives`,
      async read({ queue }) {
        const { RedrivePolicy } = await queue();
        if (!RedrivePolicy) return "none";
        const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(RedrivePolicy);
        return `to ${deadLetterTargetArn} after ${maxReceiveCount} receives`;
      },
    },
  ];
}

function deadLetterChecks(live: Live, queueArn: string, deadArn: string): Check<Live>[] {
  const { deployed } = live;
  const undelivered = deployed.uploadsRuleName ? [maySend(live, deadArn)] : [];
  return [
    policy("dead-letters", "deadLetters", [...undelivered, tlsOnly("sqs:*", [deadArn])]),
    ...attributes("deadLetters", [
      { id: "dead-letters.encryption", name: "KmsMasterKeyId", expected: deployed.keyArn },
      { id: "dead-letters.retention", name: "MessageRetentionPeriod", expected: String(14 * DAY) },
    ]),
    {
      id: "dead-letters.allow",
      expected: `byQueue ${queueArn}`,
      async read({ deadLetters }) {
        const { RedriveAllowPolicy } = await deadLetters();
        if (!RedriveAllowPolicy) return "none";
        const { redrivePermission, sourceQueueArns = [] } = JSON.parse(RedriveAllowPolicy);
        return [redrivePermission, ...sourceQueueArns].join(" ");
      },
    },
  ];
}

function attributes(queue: "queue" | "deadLetters", rows: Attribute[]): Check<Live>[] {
  return rows.map(({ id, name, expected }) => ({
    id,
    expected,
    read: async (from) => (await from[queue]())[name] || "none",
  }));
}

function policy(name: string, queue: "queue" | "deadLetters", rules: Rule[]): Check<Live> {
  const expected = rules.flatMap(lines);
  return {
    id: `${name}.policy`,
    expected: counted(expected.length, "statement"),
    async read(live) {
      const { Policy } = await live[queue]();
      return Policy ? compare(expected, linesOf(Policy), "statement") : "none";
    },
  };
}
