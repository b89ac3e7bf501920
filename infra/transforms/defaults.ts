import { key } from "../encryption.ts";
import { readStage } from "../stage.ts";
import { every } from "./every.ts";

// What is set here holds for every resource of its kind: ours, SST's own children, and whatever anybody adds later.
// It reaches what is made after this file is imported, which is why sst.config.ts imports it first.

const stage = readStage($app.stage);

every(sst.aws.Bucket, (args) => {
  args.cors ??= false;
  args.versioning ??= true;
  if (args.transform?.publicAccessBlock === false) args.transform.publicAccessBlock = undefined;
});
every(sst.aws.Function, (args) => {
  args.runtime ??= "nodejs22.x";
  args.logging ??= { format: "json" };
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
  args.kmsMasterKeyId = key.arn;
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
  if (parent instanceof sst.aws.Function) restrictRole(args, parent);
});

/** SST gives every function AWS's managed policy for logs, which is for all log groups, and trusts the account's root. */
function restrictRole(args: aws.iam.RoleArgs, owner: sst.aws.Function) {
  // The log group is made after the role, in the same constructor.
  const logGroup = $output(Promise.resolve().then(() => owner.nodes.logGroup));
  const policy = aws.iam.getPolicyDocumentOutput({
    statements: logGroup.apply((group) => [
      ...(group
        ? [
            {
              actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
              resources: [$interpolate`${group.arn}:*`],
            },
          ]
        : []),
      // Tracing has no resources to name.
      { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] },
      // The environment, and what the queue hands over.
      { actions: ["kms:Decrypt"], resources: [key.arn] },
    ]),
  });
  args.inlinePolicies = $output(args.inlinePolicies ?? []).apply((given) => [
    ...given,
    { name: "logs-traces-key", policy: policy.json },
  ]);
  args.managedPolicyArns = $output(args.managedPolicyArns ?? []).apply((arns) =>
    arns.filter((arn) => !arn.endsWith("/AWSLambdaBasicExecutionRole")),
  );
  // `sst dev` runs the handler on the developer's machine, which assumes the role.
  if (!$dev) {
    args.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });
  }
}
