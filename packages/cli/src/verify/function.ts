import {
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import {
  type FunctionConfiguration,
  GetFunctionConcurrencyCommand,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  ListEventSourceMappingsCommand,
} from "@aws-sdk/client-lambda";
import { keysUnder, MANIFEST_PREFIX } from "@thumbsmith/shared";
import { logGroupOf } from "../deployment/service.ts";
import { counted } from "../terminal/print.ts";
import { type Check, compare } from "./checks.ts";
import type { Live } from "./live.ts";
import { lines, linesOf, type Rule } from "./policy.ts";

/** A fact of the function's configuration. */
interface Fact {
  name: string;
  expected: string;
  of(found: FunctionConfiguration): string | undefined;
}

export async function functionChecks(live: Live): Promise<Check<Live>[]> {
  const facts = factsOf(live).map(({ name, expected, of }) => ({
    id: `function.${name}`,
    expected,
    read: async (from: Live) => of(await from.function()) ?? "none",
  }));
  return [...facts, ...callChecks(live), ...mappingChecks(live), ...(await roleChecks(live))];
}

function factsOf({ config: { limits }, deployed, uploadsBucket, thumbnailsBucket }: Live): Fact[] {
  const variables = {
    UPLOADS_BUCKET: uploadsBucket,
    THUMBNAILS_BUCKET: thumbnailsBucket,
    POWERTOOLS_METRICS_NAMESPACE: "Thumbsmith",
  };
  return [
    { name: "state", expected: "Active", of: ({ State }) => State },
    { name: "runtime", expected: "nodejs22.x", of: ({ Runtime }) => Runtime },
    { name: "architecture", expected: "arm64", of: ({ Architectures }) => Architectures?.join(", ") },
    { name: "memory", expected: `${limits.memory} MB`, of: ({ MemorySize }) => `${MemorySize} MB` },
    { name: "time-out", expected: `${limits.timeout} s`, of: ({ Timeout }) => `${Timeout} s` },
    { name: "tracing", expected: "Active", of: ({ TracingConfig }) => TracingConfig?.Mode },
    { name: "encryption", expected: deployed.keyArn, of: ({ KMSKeyArn }) => KMSKeyArn },
    ...Object.entries(variables).map(([name, expected]) => ({
      name: `environment.${name}`,
      expected,
      of: ({ Environment }: FunctionConfiguration) => Environment?.Variables?.[name],
    })),
  ];
}

/** Who may call it, and how many calls may run at once. */
function callChecks({ config: { limits }, deployed }: Live): Check<Live>[] {
  return [
    {
      id: "function.concurrency",
      expected: `none reserved, or ${limits.concurrency} and more`,
      accepts: (found) => found === "none reserved" || Number(found) >= limits.concurrency,
      async read({ lambda }) {
        const command = new GetFunctionConcurrencyCommand({ FunctionName: deployed.functionName });
        return String((await lambda.send(command)).ReservedConcurrentExecutions ?? "none reserved");
      },
    },
    {
      id: "function.callers",
      expected: "none",
      async read({ lambda }) {
        const { Policy } = await lambda.send(new GetPolicyCommand({ FunctionName: deployed.functionName }));
        return Policy ? linesOf(Policy).join("\n") : "none";
      },
    },
    {
      id: "function.url",
      expected: "none",
      async read({ lambda }) {
        const command = new GetFunctionUrlConfigCommand({ FunctionName: deployed.functionName });
        return (await lambda.send(command)).FunctionUrl ?? "none";
      },
    },
  ];
}

function mappingChecks({ config, deployed }: Live): Check<Live>[] {
  const expected = [
    "enabled",
    "batches of 10",
    "reports failures per message",
    `at most ${config.limits.concurrency} at once`,
  ];
  return [
    {
      id: "mapping",
      expected: expected.join(", "),
      async read({ lambda, queue }) {
        const { QueueArn: EventSourceArn } = await queue();
        const command = new ListEventSourceMappingsCommand({
          FunctionName: deployed.functionName,
          EventSourceArn,
        });
        const { EventSourceMappings: [found] = [] } = await lambda.send(command);
        if (!found) return "none";
        return [
          /^(Enabled|Enabling|Creating|Updating)$/.test(found.State ?? "") ? "enabled" : `${found.State}`,
          `batches of ${found.BatchSize}`,
          found.FunctionResponseTypes?.includes("ReportBatchItemFailures")
            ? "reports failures per message"
            : "reports failures per batch",
          `at most ${found.ScalingConfig?.MaximumConcurrency ?? "any number"} at once`,
        ].join(", ");
      },
    },
  ];
}

async function roleChecks(live: Live): Promise<Check<Live>[]> {
  const RoleName = (await live.function()).Role?.split("/").at(-1) ?? "";
  const trust = lines({ effect: "allow", to: "lambda.amazonaws.com", actions: ["sts:AssumeRole"] });
  const rights = (await rightsOf(live)).flatMap(lines);
  return [
    {
      id: "role.trust",
      expected: counted(trust.length, "statement"),
      async read({ iam }) {
        const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
        const found = linesOf(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "{}"));
        return compare(trust, found, "statement");
      },
    },
    {
      id: "role.managed-policies",
      expected: "none",
      async read({ iam }) {
        const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
        return AttachedPolicies.map(({ PolicyName }) => PolicyName).join(", ") || "none";
      },
    },
    {
      id: "role.rights",
      expected: counted(rights.length, "right"),
      async read({ iam }) {
        const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
        const documents = await Promise.all(
          PolicyNames.map((PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))),
        );
        const found = documents.flatMap(({ PolicyDocument = "{}" }) =>
          linesOf(decodeURIComponent(PolicyDocument)),
        );
        return compare(rights, found, "right");
      },
    },
  ];
}

/** Everything that the function may do. */
async function rightsOf({
  config,
  region,
  account,
  deployed,
  queue,
  function: configuration,
  ...live
}: Live): Promise<Rule[]> {
  const logs = `arn:aws:logs:${region}:${account}:log-group:${logGroupOf(await configuration())}:*`;
  const sources = config.rules.map(({ prefix }) => keysUnder(prefix));
  const variants = config.rules.flatMap((rule) => rule.variants.map(({ prefix }) => keysUnder(prefix)));
  const outputs = [keysUnder(MANIFEST_PREFIX), ...variants];
  const removable = [...outputs, ...config.retired.map(keysUnder)];
  const [uploads, thumbnails] = [
    `arn:aws:s3:::${live.uploadsBucket}`,
    `arn:aws:s3:::${live.thumbnailsBucket}`,
  ];
  const through = (...services: string[]) => ({
    "StringEquals kms:ViaService": services.map((service) => `${service}.${region}.amazonaws.com`),
  });
  const under = (bucket: string, keys: string[]) => keys.map((key) => `${bucket}/${key}`);
  return [
    allow(["s3:GetObject"], under(uploads, sources)),
    allow(["s3:PutObject"], under(thumbnails, outputs)),
    allow(["s3:GetObject", "s3:DeleteObject"], under(thumbnails, removable)),
    allow(["s3:ListBucket"], [uploads], { "StringLike s3:prefix": sources }),
    allow(["s3:ListBucket"], [thumbnails], { "StringLike s3:prefix": removable }),
    allow(["kms:GenerateDataKey"], [deployed.keyArn], through("s3")),
    ...(deployed.uploadsKeyArn ? [allow(["kms:Decrypt"], [deployed.uploadsKeyArn], through("s3"))] : []),
    allow(["kms:Decrypt"], [deployed.keyArn], through("s3", "sqs", "kinesis")),
    allow(["kms:Decrypt"], [deployed.keyArn], {
      "ArnLike kms:EncryptionContext:aws:lambda:FunctionArn": `arn:aws:lambda:${region}:${account}:function:*`,
    }),
    allow(
      ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
      [(await queue()).QueueArn ?? ""],
    ),
    allow(["logs:CreateLogStream", "logs:PutLogEvents"], [logs]),
    allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"]),
  ];
}

function allow(actions: string[], on: string[], when?: Rule["when"]): Rule {
  return { effect: "allow", actions, on, when };
}
