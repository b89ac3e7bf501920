import type { GetBucketPolicyCommand } from "@aws-sdk/client-s3";
import { Graph } from "@thumbsmith/synth";
import { describe, expect, inject, it } from "vitest";
import { bucketChecks } from "../../packages/cli/src/verify/buckets.ts";
import type { Live } from "../../packages/cli/src/verify/live.ts";
import { queueChecks } from "../../packages/cli/src/verify/queues.ts";
import { watchChecks } from "../../packages/cli/src/verify/watching.ts";
import config from "../../thumbsmith.config.ts";

const POLICIES = [
  "uploads.policy",
  "thumbnails.policy",
  "queue.policy",
  "dead-letters.policy",
  "key.policy",
  "alarm-key.policy",
];
const deployed = inject("graphs")
  .map((data) => new Graph(data))
  .filter(({ data }) => !data.live);

/** A fake deployment that answers with the synthesised policies. */
function liveOf(graph: Graph): Live {
  const { outputs } = graph.data;
  const policyOf = (type: string, of: string, at: string) =>
    graph.all(type).find(({ inputs }) => inputs[of] === at)?.inputs.policy;
  const queue = (url: string) => async () => ({
    QueueArn: graph.all("sqs.Queue").find((each) => each.outputs.url === url)?.outputs.arn,
    Policy: policyOf("sqs.QueuePolicy", "queueUrl", url),
  });
  const bucketPolicy = async ({ input }: GetBucketPolicyCommand) => ({
    Policy: policyOf("s3.BucketPolicy", "bucket", input.Bucket ?? ""),
  });
  const keyPolicy = async ({ input }: { input: { KeyId?: string } }) => ({
    Policy: graph.all("kms.Key").find((each) => each.outputs.arn === input.KeyId)?.inputs.policy,
  });
  const live = {
    config,
    deployed: outputs,
    uploadsBucket: outputs.uploadsBucket,
    thumbnailsBucket: outputs.thumbnailsBucket,
    region: outputs.region,
    account: outputs.keyArn.split(":")[4],
    s3: { send: bucketPolicy },
    kms: { send: keyPolicy },
    events: { send: async (command: object) => eventsOf(graph, command) },
    function: async () => ({}),
    queue: queue(outputs.queueUrl),
    deadLetters: queue(outputs.deadLetterQueueUrl),
  };
  return live as unknown as Live;
}

/** EventBridge's answers about the rule of a bucket that exists, with the parts of its pattern in another order. */
function eventsOf(graph: Graph, command: object) {
  if (command.constructor.name === "DescribeRuleCommand") {
    const pattern = JSON.parse(graph.one("cloudwatch.EventRule", "UploadsRule").inputs.eventPattern);
    const EventPattern = JSON.stringify(Object.fromEntries(Object.entries(pattern).reverse()));
    return { State: "ENABLED", EventPattern };
  }
  const { arn, deadLetterConfig } = graph.one("cloudwatch.EventTarget", "UploadsTarget").inputs;
  return { Targets: [{ Arn: arn, DeadLetterConfig: { Arn: deadLetterConfig.arn } }] };
}

describe("verify expects the policies that are deployed", () => {
  const cases = deployed.flatMap((graph) => POLICIES.map((id) => ({ id, label: graph.label, graph })));
  const rules = deployed
    .filter(({ data }) => data.outputs.uploadsRuleName)
    .flatMap((graph) =>
      ["rule.state", "rule.pattern", "rule.target"].map((id) => ({ id, label: graph.label, graph })),
    );
  it.each([...cases, ...rules])("$id of $label", async ({ id, graph }) => {
    const live = liveOf(graph);
    const checks = [...bucketChecks(live), ...(await queueChecks(live)), ...(await watchChecks(live))];
    const check = checks.find((each) => each.id === id);
    expect(await check?.read(live)).toBe(check?.expected);
  });
});
