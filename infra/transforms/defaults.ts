import { alarmKey } from "../alarm-key.ts";
import { account, key } from "../encryption.ts";
import { mayUseKeyThrough } from "../permissions.ts";
import { readStage } from "../stage.ts";
import { every } from "./every.ts";

// These settings apply to every resource of a kind: ours, those inside SST's components, and those added later.
// They only apply to resources that are made after this file is imported, so sst.config.ts imports it first.

const stage = readStage($app.stage);

every(sst.aws.Bucket, (args) => {
  args.cors ??= false;
  args.versioning ??= true;
  if (args.transform?.publicAccessBlock === false) args.transform.publicAccessBlock = undefined;
});
every(sst.aws.Function, (args, opts) => {
  args.runtime ??= "nodejs22.x";
  args.logging ??= { format: "json" };
  if (!opts?.parent) {
    args.url = closeUrl(args.url);
    return;
  }
  // A component, for example a site, opens its function's URL itself, and gives it rights to a bucket, but not to the key.
  args.permissions = $output(args.permissions ?? []).apply((given) => [
    ...given,
    mayUseKeyThrough(["s3", "sqs", "sns"], "kms:GenerateDataKey", "kms:Decrypt"),
  ]);
});
every(aws.s3.BucketV2, (args) => {
  args.forceDestroy = !stage.retained;
});
every(aws.s3.Bucket, (args) => {
  args.forceDestroy = !stage.retained;
});
every(aws.s3.BucketPublicAccessBlock, (args) => {
  args.blockPublicAcls = true;
  args.blockPublicPolicy = true;
  args.ignorePublicAcls = true;
  args.restrictPublicBuckets = true;
});
every(aws.sqs.Queue, (args) => {
  args.kmsMasterKeyId = key.arn;
  args.sqsManagedSseEnabled = undefined;
});
every(aws.sns.Topic, (args) => {
  if (args.kmsMasterKeyId !== alarmKey.arn) args.kmsMasterKeyId = key.arn;
});
every(aws.kinesis.Stream, (args) => {
  args.encryptionType = "KMS";
  args.kmsKeyId = key.arn;
});
every(aws.cloudwatch.LogGroup, (args) => {
  args.kmsKeyId = key.arn;
  args.retentionInDays = stage.logRetentionDays;
});
every(aws.lambda.Function, (args) => {
  args.kmsKeyArn = key.arn;
  args.tracingConfig = { mode: "Active" };
});
every(aws.iam.Role, (args, { parent }) => {
  if (stage.permissionsBoundary) args.permissionsBoundary = stage.permissionsBoundary;
  if (parent instanceof sst.aws.Function) restrictRole(args, parent);
  if (parent instanceof sst.aws.StepFunctions) {
    // For what a workflow sends to a queue or a topic.
    addPolicy(args, "key", [mayUseKeyThrough(["s3", "sqs", "sns"], "kms:GenerateDataKey", "kms:Decrypt")]);
  }
});

/** Narrows SST's roles, which trust the account's root and have AWS's managed policy for logs, for all log groups. */
function restrictRole(args: aws.iam.RoleArgs, owner: sst.aws.Function) {
  // The log group is made after the role, in the same constructor.
  const logGroup = $output(Promise.resolve().then(() => owner.nodes.logGroup));
  addPolicy(
    args,
    "logs-traces-key",
    logGroup.apply((group) => [
      ...(group
        ? [
            {
              actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
              resources: [$interpolate`${group.arn}:*`],
            },
          ]
        : []),
      // X-Ray has no resources that a policy could name.
      { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] },
      // For what its other rights let it read.
      mayUseKeyThrough(["s3", "sqs", "kinesis"], "kms:Decrypt"),
      // For its environment, which Lambda decrypts in the name of the role.
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
      {
        actions: ["kms:Decrypt"],
        resources: [key.arn],
        conditions: [
          {
            test: "ArnLike",
            variable: "kms:EncryptionContext:aws:lambda:FunctionArn",
            values: [$interpolate`arn:aws:lambda:${stage.region}:${account}:function:*`],
          },
        ],
      },
    ]),
  );
  args.managedPolicyArns = $output(args.managedPolicyArns ?? []).apply((arns) =>
    arns.filter((arn) => !arn.endsWith("/AWSLambdaBasicExecutionRole")),
  );
  args.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });
}

function addPolicy(
  args: aws.iam.RoleArgs,
  name: string,
  statements: $util.Input<aws.types.input.iam.GetPolicyDocumentStatementArgs[]>,
) {
  const policy = aws.iam.getPolicyDocumentOutput({ statements }).json;
  args.inlinePolicies = $output(args.inlinePolicies ?? []).apply((given) => [...given, { name, policy }]);
}

/** SST's function URLs are open to everyone by default. Here, the code has to ask for that. */
function closeUrl(given: sst.aws.FunctionArgs["url"]): sst.aws.FunctionArgs["url"] {
  return (
    given &&
    $output(given).apply((url) => url && { authorization: "iam" as const, ...(url === true ? {} : url) })
  );
}
