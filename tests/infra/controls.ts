import { list, type Statement } from "./evaluate.ts";
import type { Graph, Resource } from "./graph.ts";
import { ACCOUNT } from "./mocks.ts";

/** What a check has against a resource. */
export interface Finding {
  resource: string;
  problem: string;
}

/** What must hold of every stage. */
export interface Control {
  /** As reviewers know it: Security Hub's S3.1, Checkov's CKV_AWS_53, cdk-nag's IAM5. Ours begin with TS. */
  ids: string[];
  title: string;
  /** The file that enforces it. */
  where: string;
  find(graph: Graph): Finding[];
}

const buckets = ["s3.BucketV2", "s3.Bucket"];
const DAY = 24 * 60 * 60;
const KEY = /^arn:aws:kms:[a-z0-9-]+:123456789012:key\/key-id$/;
/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const RUNTIMES = ["nodejs22.x", "nodejs24.x"];

export const controls: Control[] = [
  {
    ids: ["S3.1", "S3.2", "S3.3", "S3.8", "CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56"],
    title: "every bucket blocks public access, with all four flags",
    where: "infra/transforms.ts",
    find: (graph) =>
      beside(graph, "s3.BucketPublicAccessBlock", ({ inputs }) =>
        ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"]
          .filter((flag) => inputs[flag] !== true)
          .map((flag) => `${flag} is off`),
      ),
  },
  {
    ids: ["S3.5", "CKV_AWS_379"],
    title: "every bucket refuses what does not come over TLS",
    where: "infra/locks.ts",
    find: (graph) =>
      beside(graph, "s3.BucketPolicy", (policy, bucket) =>
        refusesPlainHttp(policy, "s3:*", [bucket.outputs.arn, `${bucket.outputs.arn}/*`]),
      ),
  },
  {
    ids: ["SQS4"],
    title: "every queue refuses what does not come over TLS",
    where: "infra/locks.ts",
    find: (graph) =>
      each(graph, "sqs.Queue", (queue) => {
        const policy = graph
          .all("sqs.QueuePolicy")
          .find(({ inputs }) => inputs.queueUrl === queue.outputs.url);
        return policy ? refusesPlainHttp(policy, "sqs:*", [queue.outputs.arn]) : ["has no policy"];
      }),
  },
  {
    ids: ["SNS3"],
    title: "every topic refuses what does not come over TLS",
    where: "infra/locks.ts",
    find: (graph) =>
      each(graph, "sns.Topic", (topic) => {
        const policy = graph.all("sns.TopicPolicy").find(({ inputs }) => inputs.arn === topic.outputs.arn);
        return policy ? refusesPlainHttp(policy, "sns:Publish", [topic.outputs.arn]) : ["has no policy"];
      }),
  },
  {
    ids: ["S3.17", "CKV_AWS_145"],
    title: "every bucket encrypts with our key, through a bucket key",
    where: "infra/locks.ts",
    find: (graph) =>
      beside(graph, "s3.BucketServerSideEncryptionConfigurationV2", ({ inputs }) => {
        const { applyServerSideEncryptionByDefault: by, bucketKeyEnabled } = inputs.rules[0];
        return [
          ...(by.sseAlgorithm === "aws:kms" && KEY.test(by.kmsMasterKeyId) ? [] : ["is not under our key"]),
          ...(bucketKeyEnabled ? [] : ["has no bucket key"]),
        ];
      }),
  },
  {
    ids: ["SQS.1", "SQS2", "CKV_AWS_27"],
    title: "every queue is encrypted with our key, dead letters too",
    where: "infra/transforms.ts",
    find: (graph) => each(graph, "sqs.Queue", ({ inputs }) => underKey(inputs.kmsMasterKeyId)),
  },
  {
    ids: ["SNS.1", "SNS2", "CKV_AWS_26"],
    title: "every topic is encrypted with our key",
    where: "infra/transforms.ts",
    find: (graph) => each(graph, "sns.Topic", ({ inputs }) => underKey(inputs.kmsMasterKeyId)),
  },
  {
    ids: ["CKV_AWS_158"],
    title: "every log group is encrypted with our key",
    where: "infra/transforms.ts",
    find: (graph) => each(graph, "cloudwatch.LogGroup", ({ inputs }) => underKey(inputs.kmsKeyId)),
  },
  {
    ids: ["CKV_AWS_173"],
    title: "every function's environment is encrypted with our key",
    where: "infra/transforms.ts",
    find: (graph) => each(graph, "lambda.Function", ({ inputs }) => underKey(inputs.kmsKeyArn)),
  },
  {
    ids: ["KMS.4", "CKV_AWS_7"],
    title: "the key is rotated every year",
    where: "infra/encryption.ts",
    find: (graph) =>
      each(graph, "kms.Key", ({ inputs }) => (inputs.enableKeyRotation ? [] : ["is not rotated"])),
  },
  {
    ids: ["KMS.3"],
    title: "the key's deletion can be called off for 7 to 30 days",
    where: "infra/encryption.ts",
    find: (graph) =>
      each(graph, "kms.Key", ({ inputs: { deletionWindowInDays: days } }) =>
        days >= 7 && days <= 30 ? [] : [`waits ${days} days`],
      ),
  },
  {
    ids: ["KMS.5", "CKV_AWS_33"],
    title: "the key's policy names principals, and services only on behalf of this account",
    where: "infra/encryption.ts",
    find: (graph) =>
      each(graph, "kms.Key", (key) =>
        statementsOf(key.inputs.policy).flatMap(({ Sid = "", Principal, Condition }) => {
          if (Principal === "*" || list(Principal?.AWS).includes("*")) return [`${Sid} is for everybody`];
          if (!Principal?.Service) return [];
          return JSON.stringify(Condition ?? {}).includes(ACCOUNT) ? [] : [`${Sid} is for every account`];
        }),
      ),
  },
  {
    ids: ["S3.14", "CKV_AWS_21"],
    title: "every bucket keeps versions",
    where: "infra/transforms.ts",
    find: (graph) =>
      beside(graph, "s3.BucketVersioningV2", ({ inputs }) =>
        inputs.versioningConfiguration.status === "Enabled" ? [] : ["keeps no versions"],
      ),
  },
  {
    ids: ["S3.13", "CKV_AWS_300"],
    title: "every bucket clears away stale multipart uploads and old versions",
    where: "infra/buckets.ts",
    find: (graph) =>
      beside(graph, "s3.BucketLifecycleConfigurationV2", ({ inputs }) => {
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
    where: "infra/locks.ts",
    find: (graph) => [
      ...beside(graph, "s3.BucketOwnershipControls", ({ inputs }) =>
        inputs.rule.objectOwnership === "BucketOwnerEnforced" ? [] : ["leaves objects to their writers"],
      ),
      ...graph.all("s3.BucketAclV2").map(({ name }) => ({ resource: name, problem: "is an access list" })),
    ],
  },
  {
    ids: ["TS.1"],
    title: "no bucket answers to web origins that the configuration does not name",
    where: "infra/transforms.ts",
    find: (graph) =>
      graph
        .all("s3.BucketCorsConfigurationV2")
        .map(({ name }) => ({ resource: name, problem: "answers to web origins" })),
  },
  {
    ids: ["TS.2"],
    title: "a retained stage keeps its buckets, their locks and the key; no other stage keeps anything",
    where: "infra/locks.ts, infra/encryption.ts, sst.config.ts",
    find: (graph) => {
      const kept = graph.data.app.stage === "production";
      const wanted = kept ? "kept" : "removed";
      const types = ["BucketV2", "BucketPolicy", "BucketPublicAccessBlock", "BucketOwnershipControls"];
      types.push("BucketServerSideEncryptionConfigurationV2", "BucketVersioningV2");
      return [
        ...[...types.map((type) => `s3.${type}`), "kms.Key"].flatMap((type) =>
          each(graph, type, ({ retained }) => (retained === kept ? [] : [`is not ${wanted}`])),
        ),
        ...each(graph, buckets, ({ inputs }) =>
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
    find: (graph) => beside(graph, "s3.BucketReplicationConfig", () => []),
  },
  {
    ids: ["S3.9", "CKV_AWS_18"],
    title: "every bucket writes an access log",
    where: "",
    find: (graph) => beside(graph, "s3.BucketLoggingV2", () => []),
  },
  {
    ids: ["S3.15"],
    title: "every bucket locks its objects",
    where: "",
    find: (graph) => beside(graph, "s3.BucketObjectLockConfigurationV2", () => []),
  },
  {
    ids: ["S3.20"],
    title: "every bucket asks for a second factor before a version is deleted",
    where: "",
    find: (graph) =>
      beside(graph, "s3.BucketVersioningV2", ({ inputs }) =>
        inputs.versioningConfiguration.mfaDelete === "Enabled" ? [] : ["asks for none"],
      ),
  },
  {
    ids: ["SQS3"],
    title: "what fails for good is kept: dead letters outlive the queue they come from",
    where: "infra/queue.ts",
    find: (graph) => {
      const queues = graph.all("sqs.Queue");
      const deadLetters = graph.one("sqs.Queue", "DeadLettersQueue");
      return queues
        .filter((queue) => queue !== deadLetters)
        .flatMap(({ name, inputs }) => {
          const redrive = inputs.redrivePolicy && JSON.parse(inputs.redrivePolicy);
          const target = queues.find(({ outputs }) => outputs.arn === redrive?.deadLetterTargetArn);
          if (!target || redrive.maxReceiveCount !== 5)
            return [{ resource: name, problem: "loses what fails" }];
          const kept = target.inputs.messageRetentionSeconds;
          if (kept === 14 * DAY && kept > inputs.messageRetentionSeconds) return [];
          return [{ resource: name, problem: "outlives its dead letters" }];
        });
    },
  },
  {
    ids: ["SQS.3"],
    title: "only S3 may send to the queue, for the uploads bucket of this account",
    where: "infra/queue.ts",
    find: (graph) => {
      const { arn } = graph.one("s3.BucketV2", "UploadsBucket").outputs;
      return each(graph, "sqs.QueuePolicy", ({ inputs }) =>
        statementsOf(inputs.policy)
          .filter(({ Effect }) => Effect === "Allow")
          .flatMap(({ Principal, Action, Condition }) => {
            const found = JSON.stringify([Principal, list(Action), Condition]);
            const expected = JSON.stringify([
              { Service: "s3.amazonaws.com" },
              ["sqs:SendMessage"],
              { ArnEquals: { "aws:SourceArn": arn }, StringEquals: { "aws:SourceAccount": ACCOUNT } },
            ]);
            return found === expected ? [] : [`allows ${found}`];
          }),
      );
    },
  },
  {
    ids: ["SNS.4"],
    title: "only alarms and budgets of this account may publish to the topic",
    where: "infra/topic.ts",
    find: (graph) =>
      each(graph, "sns.TopicPolicy", ({ inputs }) =>
        statementsOf(inputs.policy)
          .filter(({ Effect }) => Effect === "Allow")
          .flatMap((statement) => {
            const { StringEquals, ArnLike } = statement.Condition ?? {};
            return Object.keys(statement.Principal ?? {}).join() === "Service" &&
              StringEquals?.["aws:SourceAccount"] === ACCOUNT &&
              String(ArnLike?.["aws:SourceArn"]).includes(`:${ACCOUNT}:`)
              ? []
              : [`allows ${JSON.stringify(statement)}`];
          }),
      ),
  },
  {
    ids: ["TS.3"],
    title: "a message stays hidden for six times as long as the function may take, and the batching window",
    where: "infra/queue.ts",
    find: (graph) =>
      each(graph, "lambda.EventSourceMapping", ({ inputs }) => {
        const queue = graph.all("sqs.Queue").find(({ outputs }) => outputs.arn === inputs.eventSourceArn);
        const fn = graph.all("lambda.Function").find(({ outputs }) => outputs.name === inputs.functionName);
        const needed = 6 * fn?.inputs.timeout + (inputs.maximumBatchingWindowInSeconds ?? 0);
        return queue?.inputs.visibilityTimeoutSeconds >= needed
          ? []
          : [`comes back before ${needed} seconds`];
      }),
  },
  {
    ids: ["TS.4"],
    title: "one bad message of a batch does not fail the others",
    where: "infra/subscriber.ts",
    find: (graph) =>
      each(graph, "lambda.EventSourceMapping", ({ inputs }) =>
        inputs.functionResponseTypes?.includes("ReportBatchItemFailures") ? [] : ["fails the whole batch"],
      ),
  },
  {
    ids: ["Lambda.1", "CKV_AWS_301", "CKV_AWS_258"],
    title: "nobody outside can call a function: it has no URL and no permission of its own",
    where: "infra/subscriber.ts",
    find: (graph) =>
      [...graph.all("lambda.FunctionUrl"), ...graph.all("lambda.Permission")].map(({ name }) => ({
        resource: name,
        problem: "opens a function",
      })),
  },
  {
    ids: ["Lambda.2", "CKV_AWS_363"],
    title: "every function runs on a runtime that AWS supports",
    where: "infra/transforms.ts",
    find: (graph) =>
      each(graph, "lambda.Function", ({ inputs: { runtime } }) =>
        [...RUNTIMES, "provided.al2023"].includes(runtime) ? [] : [`runs on ${runtime}`],
      ),
  },
  {
    ids: ["Lambda.7", "CKV_AWS_50"],
    title: "every function is traced",
    where: "infra/transforms.ts",
    find: (graph) =>
      each(graph, "lambda.Function", ({ inputs }) =>
        inputs.tracingConfig?.mode === "Active" ? [] : ["is not traced"],
      ),
  },
  {
    ids: ["CKV_AWS_115"],
    title: "a function's invocations at once are capped, at the queue that calls it",
    where: "infra/subscriber.ts",
    find: (graph) =>
      each(graph, "lambda.EventSourceMapping", ({ inputs }) =>
        inputs.scalingConfig?.maximumConcurrency >= 2 ? [] : ["has no cap"],
      ),
  },
  {
    ids: ["CKV_AWS_45"],
    title: "no function has a secret in its environment",
    where: "infra/subscriber.ts",
    find: (graph) =>
      each(graph, "lambda.Function", ({ inputs }) =>
        Object.keys(inputs.environment.variables)
          .filter((name) => /KEY$|SECRET|TOKEN|PASSWORD/i.test(name))
          .map((name) => `is told ${name}`),
      ),
  },
  {
    ids: ["Lambda.3", "CKV_AWS_117"],
    title: "every function is in a VPC",
    where: "",
    find: (graph) => each(graph, "lambda.Function", ({ inputs }) => (inputs.vpcConfig ? [] : ["is in none"])),
  },
  {
    ids: ["CKV_AWS_116"],
    title: "every function has dead letters of its own",
    where: "",
    find: (graph) =>
      each(graph, "lambda.Function", ({ inputs }) =>
        inputs.deadLetterConfig ? [] : ["has none of its own"],
      ),
  },
  {
    ids: ["CKV_AWS_272"],
    title: "every function's code is signed",
    where: "",
    find: (graph) =>
      each(graph, "lambda.Function", ({ inputs }) => (inputs.codeSigningConfigArn ? [] : ["is not signed"])),
  },
  {
    ids: ["IAM.1", "IAM.21", "CKV_AWS_63"],
    title: "no role may do everything of a service",
    where: "infra/subscriber.ts",
    find: (graph) =>
      each(graph, "iam.Role", (role) =>
        grantsOf(role).flatMap(({ Action }) =>
          list(Action)
            .filter((action) => action.includes("*"))
            .map((action) => `may do ${action}`),
        ),
      ),
  },
  {
    ids: ["IAM5", "KMS.1", "KMS.2", "CKV_AWS_355"],
    title: "no role may act on every resource, least of all decrypt under every key",
    where: "infra/subscriber.ts, infra/transforms.ts",
    find: (graph) =>
      each(graph, "iam.Role", (role) =>
        grantsOf(role)
          .filter(({ Resource }) => list(Resource).includes("*"))
          .flatMap(({ Action }) => list(Action).map((action) => `may ${action} everywhere`)),
      ),
  },
  {
    ids: ["IAM4"],
    title: "no role has a policy that AWS manages",
    where: "infra/transforms.ts",
    find: (graph) =>
      each(graph, "iam.Role", ({ inputs }) =>
        list<string>(inputs.managedPolicyArns).map((arn) => `has ${arn}`),
      ),
  },
  {
    ids: ["TS.5", "CKV_AWS_60"],
    title: "a function's role trusts Lambda alone",
    where: "infra/transforms.ts",
    find: (graph) =>
      each(graph, "iam.Role", ({ inputs }) =>
        statementsOf(inputs.assumeRolePolicy).flatMap(({ Principal }) =>
          Object.values(Principal ?? {})
            .flat()
            .filter((name) => name !== "lambda.amazonaws.com")
            .map((name) => `trusts ${name}`),
        ),
      ),
  },
  {
    ids: ["CloudWatch.16", "CKV_AWS_66", "CKV_AWS_338"],
    title: "every log group is kept for a year, unless LOG_RETENTION_DAYS says otherwise",
    where: "infra/transforms.ts",
    find: (graph) =>
      each(graph, "cloudwatch.LogGroup", ({ inputs: { retentionInDays: days } }) =>
        days === 365 ? [] : [`is kept for ${days} days`],
      ),
  },
  {
    ids: ["CloudWatch.15", "CloudWatch.17"],
    title: "every alarm is on and tells the topic, of the recovery too",
    where: "infra/alarms.ts",
    find: (graph) => {
      const { arn } = graph.one("sns.Topic", "AlarmsTopic").outputs;
      return each(graph, "cloudwatch.MetricAlarm", ({ inputs }) =>
        [inputs.alarmActions, inputs.okActions].every((to) => list(to).includes(arn)) &&
        inputs.actionsEnabled !== false
          ? []
          : ["tells nobody"],
      );
    },
  },
  {
    ids: ["TS.6"],
    title: "errors, throttles, slowness, a backlog, dead letters and rejections raise an alarm",
    where: "infra/alarms.ts",
    find: (graph) => {
      const found = graph.all("cloudwatch.MetricAlarm").map(describeAlarm);
      return expectedAlarms(graph)
        .filter((alarm) => !found.includes(alarm))
        .map((alarm) => ({ resource: "alarms", problem: `misses ${alarm}` }));
    },
  },
];

/** What anybody's addition has by itself. The other controls are of what an application means to do. */
export const inherited = [
  ...["S3.1", "S3.5", "SQS4", "SNS3", "S3.17", "SQS.1", "SNS.1", "CKV_AWS_158", "CKV_AWS_173"],
  ...["S3.12", "TS.1", "TS.2", "Lambda.2", "Lambda.7", "IAM4", "TS.5", "CloudWatch.16"],
].flatMap((id) => controls.filter(({ ids }) => ids.includes(id)));

/** Each resource of some types, of which there has to be one at least: a control over none would hold by itself. */
function each(
  graph: Graph,
  types: string | string[],
  problemsOf: (resource: Resource) => string[],
): Finding[] {
  const resources = list(types).flatMap((type) => graph.all(type));
  if (resources.length === 0) return [{ resource: String(types), problem: "is not there" }];
  return resources.flatMap((resource) =>
    problemsOf(resource).map((problem) => ({ resource: resource.name, problem })),
  );
}

/** Each bucket with the one resource of a type that is about it. */
function beside(
  graph: Graph,
  type: string,
  problemsOf: (part: Resource, bucket: Resource) => string[],
): Finding[] {
  return each(graph, buckets, (bucket) => {
    const parts = graph.all(type).filter(({ inputs }) => inputs.bucket === bucket.outputs.bucket);
    return parts.length === 1
      ? parts.flatMap((part) => problemsOf(part, bucket))
      : [`has ${parts.length} ${type}`];
  });
}

const underKey = (key: unknown) => (KEY.test(String(key)) ? [] : ["is not under our key"]);

function refusesPlainHttp(policy: Resource, action: string, resources: string[]): string[] {
  const refuses = statementsOf(policy.inputs.policy).some(
    ({ Effect, Principal, Action, Resource, Condition }) =>
      Effect === "Deny" &&
      Principal === "*" &&
      list(Action).includes(action) &&
      resources.every((resource) => list(Resource).includes(resource)) &&
      Object.keys(Condition ?? {}).join() === "Bool" &&
      Object.keys(Condition?.Bool ?? {}).join() === "aws:SecureTransport" &&
      list(Condition?.Bool?.["aws:SecureTransport"]).join() === "false",
  );
  return refuses ? [] : ["answers without TLS"];
}

export function statementsOf(policy: string | { Statement: Statement[] }): Statement[] {
  return typeof policy === "string" ? JSON.parse(policy).Statement : policy.Statement;
}

/** What a role's own policies allow. */
export function grantsOf(role: Resource): Statement[] {
  return role.inputs.inlinePolicies.flatMap(({ policy }: { policy: string }) => statementsOf(policy));
}

function describeAlarm({ inputs }: Resource): string {
  const { metricName, statistic, extendedStatistic, threshold, period, dimensions, metricQueries } = inputs;
  if (metricQueries) {
    const answer = metricQueries.find(({ returnData }: { returnData?: boolean }) => returnData);
    return `${answer.expression} > ${threshold}`;
  }
  return `${Object.values(dimensions)} ${metricName} ${statistic ?? extendedStatistic} in ${period} s > ${threshold}`;
}

function expectedAlarms(graph: Graph): string[] {
  const [fn] = graph.all("lambda.Function");
  const jobs = graph.one("sqs.Queue", "JobsQueue").outputs.name;
  const deadLetters = graph.one("sqs.Queue", "DeadLettersQueue").outputs.name;
  return [
    `${fn?.outputs.name} Errors Sum in 60 s > 0`,
    `${fn?.outputs.name} Throttles Sum in 60 s > 0`,
    `${fn?.outputs.name} Duration p99 in 60 s > 48000`,
    `${jobs} ApproximateAgeOfOldestMessage Maximum in 60 s > 900`,
    `${deadLetters} ApproximateNumberOfMessagesVisible Maximum in 60 s > 0`,
    "IF(total >= 20, 100 * rejected / total, 0) > 10",
  ];
}
