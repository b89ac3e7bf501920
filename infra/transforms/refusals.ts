import { every } from "./every.ts";

// Refuses what would silently lose messages or a lock, or fail in the middle of a deployment.

every(sst.aws.Bucket, (args, _opts, name) => {
  if (args.access !== "public" && !args.public) return;
  throw new Error(
    `Expected the bucket ${name} to be private, found it public. To serve it by CloudFront, set access: "cloudfront".`,
  );
});

// For EventBridge, neither the topic's policy nor the key's may have a condition on an account or a rule, so both would be
// open to the rules of every account.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
every(aws.cloudwatch.EventTarget, (args, _opts, name) => {
  args.arn = $output(args.arn).apply((arn) => {
    if (!/^arn:[\w-]+:sns:/.test(arn)) return arn;
    throw new Error(
      `Expected the target ${name} to be a queue or a function, found the topic ${arn}. Topics are encrypted here, and EventBridge can only publish to an encrypted topic if its key is open to every account. Put a queue or a function in between.`,
    );
  });
});
every(aws.sesv2.ConfigurationSetEventDestination, (_args, _opts, name) => {
  throw new Error(
    `Expected no destination of e-mail events, found ${name}. Topics are encrypted here, with a key that Amazon SES may not use. Send them to an EventBridge bus instead.`,
  );
});

// The lock is a policy too, and AWS keeps only the last one that is made.
every(aws.sqs.Queue, (args, _opts, name) => refusePolicyIn(args, name, "aws.sqs.QueuePolicy"));
every(aws.sns.Topic, (args, _opts, name) => refusePolicyIn(args, name, "aws.sns.TopicPolicy"));
every(aws.s3.BucketV2, (args, _opts, name) => refusePolicyIn(args, name, "aws.s3.BucketPolicy"));
every(aws.s3.Bucket, (args, _opts, name) => refusePolicyIn(args, name, "aws.s3.BucketPolicy"));

function refusePolicyIn(args: { policy?: unknown }, name: string, kind: string) {
  if (args.policy === undefined) return;
  throw new Error(
    `Expected the policy of ${name} to be a separate resource, found it among the arguments. Use ${kind}, in the same file.`,
  );
}
