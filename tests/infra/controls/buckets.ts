import type { Graph, Resource } from "@thumbsmith/synth";
import {
  BUCKETS,
  type Control,
  each,
  eachSetting,
  refusesPlainHttp,
  statementsOf,
  underKey,
} from "./control.ts";

export const ofBuckets: Control[] = [
  {
    ids: ["S3.1", "S3.2", "S3.3", "S3.8", "CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56"],
    title: "every bucket blocks public access, with all four flags",
    where: "infra/transforms/defaults.ts",
    find: (graph) =>
      eachSetting(graph, "s3.BucketPublicAccessBlock", ({ inputs }) =>
        ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"]
          .filter((flag) => inputs[flag] !== true)
          .map((flag) => `${flag} is off`),
      ),
  },
  {
    ids: ["S3.5", "CKV_AWS_379"],
    title: "every bucket refuses requests without TLS",
    where: "infra/transforms/policies.ts",
    find: (graph) =>
      eachSetting(graph, "s3.BucketPolicy", (policy, bucket) =>
        refusesPlainHttp(policy, "s3:*", [bucket.outputs.arn, `${bucket.outputs.arn}/*`]),
      ),
  },
  {
    ids: ["S3.17", "CKV_AWS_145"],
    title: "every bucket encrypts with our key, through a bucket key",
    where: "infra/transforms/locks.ts",
    find: (graph) =>
      eachSetting(graph, "s3.BucketServerSideEncryptionConfigurationV2", ({ inputs }) => {
        const { applyServerSideEncryptionByDefault: by, bucketKeyEnabled } = inputs.rules[0];
        return [
          ...(by.sseAlgorithm === "aws:kms" ? underKey(by.kmsMasterKeyId) : ["is not under our key"]),
          ...(bucketKeyEnabled ? [] : ["has no bucket key"]),
        ];
      }),
  },
  {
    ids: ["S3.14", "CKV_AWS_21"],
    title: "every bucket keeps versions",
    where: "infra/transforms/defaults.ts",
    find: (graph) =>
      eachSetting(graph, "s3.BucketVersioningV2", ({ inputs }) =>
        inputs.versioningConfiguration.status === "Enabled" ? [] : ["keeps no versions"],
      ),
  },
  {
    ids: ["S3.13", "CKV_AWS_300"],
    title: "every bucket removes unfinished multipart uploads and old versions",
    where: "infra/buckets.ts",
    find: (graph) =>
      eachSetting(graph, "s3.BucketLifecycleConfigurationV2", ({ inputs }) => {
        const whole = inputs.rules.filter(
          (rule: Resource["inputs"]) => rule.status === "Enabled" && rule.filter.prefix === "",
        );
        const has = (part: string) => whole.some((rule: Resource["inputs"]) => rule[part]);
        return ["abortIncompleteMultipartUpload", "noncurrentVersionExpiration"]
          .filter((part) => !has(part))
          .map((part) => `has no ${part}`);
      }),
  },
  {
    ids: ["S3.12", "CKV2_AWS_65"],
    title: "every bucket owns its objects, and has no access lists",
    where: "infra/transforms/locks.ts",
    find: (graph) => [
      ...eachSetting(graph, "s3.BucketOwnershipControls", ({ inputs }) =>
        inputs.rule.objectOwnership === "BucketOwnerEnforced" ? [] : ["leaves objects to their uploaders"],
      ),
      ...graph.all("s3.BucketAclV2").map(({ name }) => ({ resource: name, problem: "is an access list" })),
    ],
  },
  {
    ids: ["TS.1"],
    title: "no bucket accepts web origins that the configuration does not list",
    where: "infra/transforms/defaults.ts",
    find: (graph) =>
      graph
        .all("s3.BucketCorsConfigurationV2")
        .map(({ name }) => ({ resource: name, problem: "accepts web origins" })),
  },
  {
    ids: ["TS.7"],
    title: "only the distribution may read a bucket, and only the variants",
    where: "infra/buckets.ts, infra/cdn.ts",
    find: (graph) =>
      eachSetting(graph, "s3.BucketPolicy", (policy, bucket) =>
        statementsOf(policy.inputs.policy)
          .filter(({ Effect }) => Effect === "Allow")
          .filter(
            (statement) =>
              bucket.name !== "ThumbnailsBucket" ||
              JSON.stringify(statement) !== readsVariants(graph, bucket.outputs.arn),
          )
          .map((statement) => `allows ${JSON.stringify(statement)}`),
      ),
  },
  {
    ids: ["TS.2"],
    title: "a retained stage keeps its buckets, their locks and the key; no other stage keeps anything",
    where: "infra/transforms/locks.ts, infra/encryption.ts, sst.config.ts",
    find: (graph) => {
      const kept = graph.data.app.stage === "production";
      const wanted = kept ? "kept" : "removed";
      const types = ["BucketV2", "BucketPolicy", "BucketPublicAccessBlock", "BucketOwnershipControls"];
      types.push("BucketServerSideEncryptionConfigurationV2", "BucketVersioningV2");
      return [
        ...[...types.map((type) => `s3.${type}`), "kms.Key"].flatMap((type) =>
          each(graph, type, ({ retained }) => (retained === kept ? [] : [`is not ${wanted}`])),
        ),
        ...each(graph, BUCKETS, ({ inputs }) =>
          inputs.forceDestroy === !kept ? [] : [`is not ${wanted} with what is in it`],
        ),
        ...(graph.data.app.protect === kept && graph.data.app.removal === (kept ? "retain" : "remove")
          ? []
          : [{ resource: "app", problem: `is not ${wanted}` }]),
      ];
    },
  },
  {
    ids: ["S3.7"],
    title: "every bucket is replicated to another region",
    where: "",
    find: (graph) => eachSetting(graph, "s3.BucketReplicationConfig", () => []),
  },
  {
    ids: ["S3.9", "CKV_AWS_18"],
    title: "every bucket writes an access log",
    where: "",
    find: (graph) => eachSetting(graph, "s3.BucketLoggingV2", () => []),
  },
  {
    ids: ["S3.15"],
    title: "every bucket locks its objects",
    where: "",
    find: (graph) => eachSetting(graph, "s3.BucketObjectLockConfigurationV2", () => []),
  },
  {
    ids: ["S3.20"],
    title: "every bucket requires a second factor to delete a version",
    where: "",
    find: (graph) =>
      eachSetting(graph, "s3.BucketVersioningV2", ({ inputs }) =>
        inputs.versioningConfiguration.mfaDelete === "Enabled" ? [] : ["requires no second factor"],
      ),
  },
];

function readsVariants(graph: Graph, bucketArn: string): string {
  const [distribution] = graph.all("cloudfront.Distribution");
  return JSON.stringify({
    Effect: "Allow",
    Principal: { Service: ["cloudfront.amazonaws.com"] },
    Action: ["s3:GetObject"],
    Resource: [`${bucketArn}/thumbnails/*`],
    Condition: { StringEquals: { "aws:SourceArn": [distribution?.outputs.arn] } },
  });
}
