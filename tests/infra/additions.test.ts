import path from "node:path";
import type { Graph } from "@thumbsmith/synth";
import { synthesize } from "@thumbsmith/synth";
import { beforeAll, describe, expect, it } from "vitest";
import { inherited } from "./controls/index.ts";
import { openFindings } from "./waivers.ts";

const addition = path.join(import.meta.dirname, "additions/every-kind.ts");

/** The added resources of each kind: by SST's component, raw, and with its own policy. */
const added = {
  "s3.BucketV2": ["RogueBucketBucket", "OpenBucketBucket", "RawBucket"],
  "s3.Bucket": ["OldBucket"],
  "sqs.Queue": ["RogueQueueQueue", "RawQueue", "PolicedQueue"],
  "sns.Topic": ["RogueTopicTopic", "RawTopic"],
  "cloudwatch.LogGroup": ["RogueFunctionLogGroup", "RawLogGroup"],
  "lambda.Function": ["RogueFunctionFunction", "RawFunction"],
  "lambda.FunctionUrl": ["RogueUrlUrl"],
  "kinesis.Stream": ["RogueStreamStream", "RawStream"],
  "iam.Role": ["RogueFunctionRole", "RogueUrlRole"],
};

describe.each(["production", "kim"])("a resource that is added to %s", (stage) => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await synthesize({ stage, region: "us-east-1", addition });
  }, 120_000);

  it.each(Object.entries(added))("is made: %s", (type, names) => {
    expect(graph.all(type).map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  });

  it.each(inherited.map((control) => ({ name: `${control.ids.join(" ")}: ${control.title}`, control })))(
    "$name",
    ({ control }) => {
      expect(openFindings(control, graph)).toEqual([]);
    },
  );

  it("keeps its own policy next to the lock", () => {
    const policies = graph.all("sqs.QueuePolicy").filter(({ name }) => name.startsWith("PolicedQueue"));
    expect(policies.map(({ inputs }) => JSON.parse(inputs.policy).Statement)).toEqual([
      [
        { Effect: "Allow", Principal: { AWS: "123456789012" }, Action: "sqs:*" },
        expect.objectContaining({ Effect: "Deny", Action: "sqs:*" }),
      ],
    ]);
  });

  it("is not changed if it is only looked up", () => {
    const touched = graph.data.resources.filter(({ name }) => name.startsWith("TheirBucket"));
    expect(touched.map(({ type }) => type)).toEqual(["sst:aws:Bucket", "sst:sst:LinkRef"]);
  });
});
