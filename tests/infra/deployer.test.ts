import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Resource } from "@thumbsmith/synth";
import { ACCOUNT, Graph, root } from "@thumbsmith/synth";
import { describe, expect, inject, it } from "vitest";
import { neededCalls } from "./access/needed.ts";
import { isAllowed, type Statement } from "./evaluate.ts";

const REGION = "us-east-1";
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/thumbsmith-boundary`;
const TAGS = { app: "thumbsmith", stage: "production" };
const onRequest = { "aws:RequestTag/sst:app": TAGS.app, "aws:RequestTag/sst:stage": TAGS.stage };
const onResource = { "aws:ResourceTag/sst:app": TAGS.app, "aws:ResourceTag/sst:stage": TAGS.stage };
const bounded = { "iam:PermissionsBoundary": BOUNDARY };

const identity = await statementsOf("policy");
const boundary = await statementsOf("boundary");

async function statementsOf(name: "policy" | "boundary"): Promise<Statement[]> {
  const text = await readFile(path.join(root, `examples/deploy-from-ci/${name}.json`), "utf8");
  return JSON.parse(text.replaceAll("<account>", ACCOUNT).replaceAll("<region>", REGION)).Statement;
}

type Ask = [actions: string, resource: string, context?: Record<string, string>];
const may = (action: string, resource: string, context: Record<string, string> = {}) =>
  isAllowed(
    { principal: { arn: `arn:aws:iam::${ACCOUNT}:role/deployer` }, action, resource, context },
    // A key's policy lets the account decide.
    {
      identity,
      resource: [{ Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "kms:*" }],
      account: ACCOUNT,
    },
  );

const bucketOf = ({ inputs, outputs }: Resource) =>
  `arn:aws:s3:::${outputs.arn ? outputs.bucket : inputs.bucket}`;
const queueOf = ({ inputs }: Resource) =>
  `arn:aws:sqs:${REGION}:${ACCOUNT}:${inputs.queueUrl.split("/").at(-1)}`;
const fnOf = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

/**
 * The calls by which the provider makes a resource and reads it again, from its source code and the service authorization
 * reference: https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
const asks: Record<string, (resource: Resource) => Ask[]> = {
  "s3.BucketV2": (r) => [
    ["s3:CreateBucket s3:ListBucket s3:GetBucketTagging s3:PutBucketTagging s3:GetBucketAcl", bucketOf(r)],
    ["s3:GetBucketCORS s3:GetBucketWebsite s3:GetBucketLogging s3:GetBucketRequestPayment", bucketOf(r)],
    [
      "s3:GetAccelerateConfiguration s3:GetReplicationConfiguration s3:GetBucketObjectLockConfiguration",
      bucketOf(r),
    ],
  ],
  "s3.BucketPolicy": (r) => [["s3:PutBucketPolicy s3:GetBucketPolicy", bucketOf(r)]],
  "s3.BucketPublicAccessBlock": (r) => [
    ["s3:PutBucketPublicAccessBlock s3:GetBucketPublicAccessBlock", bucketOf(r)],
  ],
  "s3.BucketVersioningV2": (r) => [["s3:PutBucketVersioning s3:GetBucketVersioning", bucketOf(r)]],
  "s3.BucketOwnershipControls": (r) => [
    ["s3:PutBucketOwnershipControls s3:GetBucketOwnershipControls", bucketOf(r)],
  ],
  "s3.BucketServerSideEncryptionConfigurationV2": (r) => [
    ["s3:PutEncryptionConfiguration s3:GetEncryptionConfiguration", bucketOf(r)],
  ],
  "s3.BucketLifecycleConfigurationV2": (r) => [
    ["s3:PutLifecycleConfiguration s3:GetLifecycleConfiguration", bucketOf(r)],
  ],
  "s3.BucketNotification": (r) => [["s3:PutBucketNotification s3:GetBucketNotification", bucketOf(r)]],
  "s3.BucketObjectv2": ({ inputs }) => [
    ["s3:PutObject s3:GetObject", `arn:aws:s3:::${inputs.bucket}-x/${inputs.key}`],
  ],
  "sqs.Queue": ({ outputs }) => [
    ["sqs:CreateQueue sqs:GetQueueAttributes sqs:TagQueue sqs:ListQueueTags", outputs.arn],
  ],
  "sqs.QueuePolicy": (r) => [["sqs:SetQueueAttributes sqs:GetQueueAttributes", queueOf(r)]],
  "sqs.RedriveAllowPolicy": (r) => [["sqs:SetQueueAttributes", queueOf(r)]],
  "sns.Topic": ({ outputs }) => [
    ["sns:CreateTopic sns:GetTopicAttributes sns:SetTopicAttributes sns:TagResource", outputs.arn],
  ],
  "sns.TopicPolicy": ({ inputs }) => [["sns:SetTopicAttributes", inputs.arn]],
  "kms.Key": ({ outputs }) => [
    ["kms:CreateKey kms:TagResource", outputs.arn, onRequest],
    ["kms:DescribeKey kms:GetKeyPolicy kms:PutKeyPolicy kms:EnableKeyRotation", outputs.arn, onResource],
    ["kms:GetKeyRotationStatus kms:ListResourceTags", outputs.arn, onResource],
  ],
  "kms.Alias": ({ inputs }) => [
    ["kms:CreateAlias kms:DeleteAlias", `arn:aws:kms:${REGION}:${ACCOUNT}:${inputs.name}`],
    ["kms:CreateAlias", `arn:aws:kms:${REGION}:${ACCOUNT}:key/key-id`, onResource],
    ["kms:ListAliases", "*"],
  ],
  "iam.Role": ({ name, outputs }) => [
    ["iam:CreateRole iam:PutRolePolicy", outputs.arn, bounded],
    [
      "iam:GetRole iam:GetRolePolicy iam:ListRolePolicies iam:ListAttachedRolePolicies iam:TagRole",
      outputs.arn,
    ],
    [
      "iam:PassRole",
      outputs.arn,
      {
        "iam:PassedToService":
          name === "CanaryScheduleRole-0a1b2c3" ? "scheduler.amazonaws.com" : "lambda.amazonaws.com",
      },
    ],
  ],
  "lambda.Function": ({ outputs }) => [
    ["lambda:CreateFunction lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration", outputs.arn],
    [
      "lambda:GetFunction lambda:GetFunctionConfiguration lambda:ListVersionsByFunction lambda:TagResource",
      outputs.arn,
    ],
    [
      "kms:Encrypt kms:Decrypt kms:CreateGrant",
      `arn:aws:kms:${REGION}:${ACCOUNT}:key/key-id`,
      { ...onResource, "kms:ViaService": `lambda.${REGION}.amazonaws.com` },
    ],
  ],
  "lambda.EventSourceMapping": ({ inputs }) => [
    ["lambda:CreateEventSourceMapping", "*", { "lambda:FunctionArn": fnOf(inputs.functionName) }],
    ["lambda:GetEventSourceMapping", "*"],
  ],
  "lambda.FunctionEventInvokeConfig": ({ inputs }) => [
    ["lambda:PutFunctionEventInvokeConfig lambda:GetFunctionEventInvokeConfig", fnOf(inputs.functionName)],
  ],
  "cloudwatch.LogGroup": ({ outputs }) => [
    [
      "logs:CreateLogGroup logs:PutRetentionPolicy logs:AssociateKmsKey logs:ListTagsForResource",
      outputs.arn,
    ],
    ["logs:DescribeLogGroups", "*"],
  ],
  "cloudwatch.MetricAlarm": ({ outputs }) => [
    ["cloudwatch:PutMetricAlarm cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource", outputs.arn],
  ],
  "cloudwatch.Dashboard": ({ inputs }) => [
    [
      "cloudwatch:PutDashboard cloudwatch:GetDashboard",
      `arn:aws:cloudwatch::${ACCOUNT}:dashboard/${inputs.dashboardName}`,
    ],
  ],
  "scheduler.Schedule": ({ inputs }) => [
    [
      "scheduler:CreateSchedule scheduler:GetSchedule",
      `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/default/${inputs.name}`,
    ],
  ],
};

/** Pulumi adds seven characters to the name of a resource without an explicit one. */
function named(resource: Resource): Resource {
  if (resource.name !== "CanaryScheduleRole") return resource;
  const name = `${resource.name}-0a1b2c3`;
  return { ...resource, name, outputs: { ...resource.outputs, arn: `arn:aws:iam::${ACCOUNT}:role/${name}` } };
}

const graph = inject("graphs")
  .map((data) => new Graph(data))
  .find(({ label }) => label === "production in us-east-1") as Graph;
const made = graph.data.resources.filter(({ type }) => type.startsWith("aws:")).map(named);
const kindOf = ({ type }: Resource) => type.replace(/^aws:(.*)\/.*:/, "$1.");

describe("the role of examples/deploy-from-ci may make and read", () => {
  it.each(made.map((resource) => ({ name: resource.name, kind: kindOf(resource), resource })))(
    "$kind $name",
    ({ kind, resource }) => {
      const calls = asks[kind]?.(resource);
      if (!calls) throw new Error(`Expected to know what a deployment asks of AWS for ${kind}: add it here.`);
      const refused = calls.flatMap(([actions, on, context]) =>
        actions.split(" ").filter((action) => !may(action, on, context)),
      );
      expect(refused).toEqual([]);
    },
  );
});

it("may read and write SST's own state", () => {
  expect(may("s3:PutObject", "arn:aws:s3:::sst-state-abc/app/thumbsmith/production.json")).toBe(true);
  expect(may("ssm:GetParameter", `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/sst/bootstrap`)).toBe(true);
});

const role = `arn:aws:iam::${ACCOUNT}:role/thumbsmith-production-SubscriberRole-x`;
const bucket = "arn:aws:s3:::thumbsmith-production-uploadsbucket-x";
const key = `arn:aws:kms:${REGION}:${ACCOUNT}:key/key-id`;
const toLambda = { "iam:PassedToService": "lambda.amazonaws.com" };

describe("the role of examples/deploy-from-ci may not", () => {
  it.each<[string, ...Ask]>([
    ["make a role without the boundary", "iam:CreateRole", role],
    ["make one with another", "iam:CreateRole", role, { "iam:PermissionsBoundary": `${BOUNDARY}-2` }],
    ["remove the boundary", "iam:DeleteRolePermissionsBoundary", role],
    ["change the boundary", "iam:CreatePolicyVersion", BOUNDARY],
    ["change its own role", "iam:PutRolePolicy", `arn:aws:iam::${ACCOUNT}:role/thumbsmith-deployer`, bounded],
    [
      "give an administrator's role to a function",
      "iam:PassRole",
      `arn:aws:iam::${ACCOUNT}:role/admin`,
      toLambda,
    ],
    ["give a role to an EC2 instance", "iam:PassRole", role, { "iam:PassedToService": "ec2.amazonaws.com" }],
    ["make a user", "iam:CreateUser", `arn:aws:iam::${ACCOUNT}:user/mallory`],
    ["read an upload", "s3:GetObject", `${bucket}/uploads/a.jpg`],
    ["put an upload", "s3:PutObject", `${bucket}/uploads/a.jpg`],
    ["delete a bucket", "s3:DeleteBucket", bucket],
    [
      "change the policy of another app's bucket",
      "s3:PutBucketPolicy",
      "arn:aws:s3:::other-production-bucket",
    ],
    ["delete a queue", "sqs:DeleteQueue", `arn:aws:sqs:${REGION}:${ACCOUNT}:thumbsmith-production-JobsQueue`],
    [
      "read messages",
      "sqs:ReceiveMessage",
      `arn:aws:sqs:${REGION}:${ACCOUNT}:thumbsmith-production-JobsQueue`,
    ],
    ["change another stage", "lambda:UpdateFunctionCode", fnOf("thumbsmith-staging-SubscriberFunction")],
    ["call a function", "lambda:InvokeFunction", fnOf("thumbsmith-production-SubscriberFunction")],
    ["delete a key", "kms:ScheduleKeyDeletion", key, onResource],
    ["decrypt by itself", "kms:Decrypt", key, onResource],
    [
      "change the policy of a key that is not ours",
      "kms:PutKeyPolicy",
      key,
      { ...onResource, "aws:ResourceTag/sst:app": "other" },
    ],
    ["tag a key as ours", "kms:TagResource", key, { ...onResource, "aws:ResourceTag/sst:app": "other" }],
  ])("%s", (_, action, resource, context) => {
    expect(may(action, resource, context)).toBe(false);
  });
});

it("fits into one managed policy: 6,144 characters without spaces", () => {
  expect(JSON.stringify(identity).length).toBeLessThan(6_144);
});

describe("the boundary of examples/deploy-from-ci", () => {
  // Whether the role's policies allow these calls is tested in access.test.ts.
  const roles = new Set(graph.all("iam.Role").map(({ outputs }) => outputs.arn));
  const requests = neededCalls(graph).flatMap(({ title, requests }) =>
    requests
      .filter(({ principal }) => "arn" in principal && roles.has(principal.arn))
      .map((request) => ({ title, ...request })),
  );
  const bounds = (action: string, resource: string, owner = ACCOUNT) =>
    isAllowed(
      { principal: { arn: role }, action, resource, context: { "aws:ResourceAccount": owner } },
      {
        identity: boundary,
        resource: [{ Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "kms:*" }],
        account: ACCOUNT,
      },
    );

  it.each(requests)("allows what a role needs: $title, $action", ({ action, resource }) => {
    expect(bounds(action, resource)).toBe(true);
  });
  it.each([
    ["another account's bucket", "s3:GetObject", "arn:aws:s3:::theirs/a.jpg", "999999999999"],
    ["roles", "iam:CreateRole", role, ACCOUNT],
    ["other functions", "lambda:InvokeFunction", fnOf("payments"), ACCOUNT],
    ["the key's policy", "kms:PutKeyPolicy", key, ACCOUNT],
  ])("does not allow access to %s", (_, action, resource, owner) => {
    expect(bounds(action, resource, owner)).toBe(false);
  });
});
