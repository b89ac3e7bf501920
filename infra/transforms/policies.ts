import { key } from "../encryption.ts";
import { readStage } from "../stage.ts";

// Locks that are resources of their own. Every bucket, queue and topic has a policy that refuses what is not
// encrypted on its way; every bucket also its key, its owner and its public access block.

type Statement = aws.iam.PolicyStatement;
type Policy = $util.Input<string | aws.iam.PolicyDocument>;

const stage = readStage($app.stage);
const noStatements = JSON.stringify({ Version: "2012-10-17", Statement: [] });

/** What a policy was made for beside the resource itself. */
const policed = new Set<unknown>();

/** A bucket that is retained without these would be retained open. */
const retained = [
  aws.s3.BucketV2,
  aws.s3.Bucket,
  aws.s3.BucketPolicy,
  aws.s3.BucketPublicAccessBlock,
  aws.s3.BucketOwnershipControls,
  aws.s3.BucketServerSideEncryptionConfigurationV2,
  aws.s3.BucketVersioningV2,
];

$util.runtime.registerStackTransformation(({ resource, name, props, opts }) => {
  // By the next tick the resource has its outputs, and the code that made it has had its say on a policy.
  if (!opts.id) process.nextTick(() => lock(resource, name, opts.parent));
  const keep = stage.retained && retained.some((kind) => resource instanceof kind);
  return keep ? { props, opts: { ...opts, retainOnDelete: true } } : undefined;
});

extend(aws.s3.BucketPolicy, "bucket", bucketDenies);
extend(aws.sqs.QueuePolicy, "queueUrl", (url) => [tlsOnly("sqs:*", queueArn(url))]);
extend(aws.sns.TopicPolicy, "arn", (arn) => [tlsOnly("sns:Publish", arn)]);

function lock(resource: $util.Resource, name: string, parent?: $util.Resource) {
  const unpoliced = (...names: unknown[]) => !names.some((name) => policed.has(name));
  if (resource instanceof aws.sqs.Queue && unpoliced(resource.url, resource.id)) {
    new aws.sqs.QueuePolicy(`${name}Policy`, { queueUrl: resource.url, policy: noStatements });
  }
  if (resource instanceof aws.sns.Topic && unpoliced(resource.arn, resource.id)) {
    new aws.sns.TopicPolicy(`${name}Policy`, { arn: resource.arn, policy: noStatements });
  }
  if (!(resource instanceof aws.s3.BucketV2 || resource instanceof aws.s3.Bucket)) return;
  const { bucket } = resource;
  new aws.s3.BucketServerSideEncryptionConfigurationV2(`${name}Encryption`, {
    bucket,
    rules: [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
        bucketKeyEnabled: true,
      },
    ],
  });
  new aws.s3.BucketOwnershipControls(`${name}Ownership`, {
    bucket,
    rule: { objectOwnership: "BucketOwnerEnforced" },
  });
  // SST's own component makes the next two, and the transforms reach them there.
  if (parent instanceof sst.aws.Bucket) return;
  new aws.s3.BucketPublicAccessBlock(`${name}PublicAccessBlock`, { bucket });
  if (unpoliced(bucket, resource.id)) {
    new aws.s3.BucketPolicy(`${name}Policy`, { bucket, policy: noStatements });
  }
}

/** Adds statements to every policy of a kind. */
function extend<Target extends string, Args extends Record<Target, $util.Input<string>> & { policy: Policy }>(
  kind: new (name: string, args: Args) => $util.Resource,
  of: Target,
  statementsOn: (target: string, keyArn: string) => Statement[],
) {
  $transform(kind, (args) => {
    const target: $util.Input<string> = args[of];
    policed.add(target);
    const parts = $resolve({ policy: args.policy, target, keyArn: key.arn });
    args.policy = parts.apply(({ policy, target, keyArn }) => {
      const document = typeof policy === "string" ? JSON.parse(policy) : policy;
      return JSON.stringify({
        ...document,
        Statement: [...document.Statement, ...statementsOn(target, keyArn)],
      });
    });
  });
}

/**
 * A put that names no encryption gets the bucket's. One that names any has to name this key: S3 takes "aws:kms" alone
 * for AWS's own key. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
function bucketDenies(bucket: string, keyArn: string): Statement[] {
  const arn = `arn:aws:s3:::${bucket}`;
  const encryption = "s3:x-amz-server-side-encryption";
  const named = { Null: { [encryption]: "false" } };
  return [
    tlsOnly("s3:*", arn, `${arn}/*`),
    deny("s3:PutObject", [`${arn}/*`], { ...named, StringNotEquals: { [encryption]: "aws:kms" } }),
    deny("s3:PutObject", [`${arn}/*`], {
      ...named,
      StringNotEquals: { [`${encryption}-aws-kms-key-id`]: keyArn },
    }),
    deny("s3:PutObject", [`${arn}/*`], { Null: { [`${encryption}-customer-algorithm`]: "false" } }),
  ];
}

function queueArn(url: string) {
  return `arn:aws:sqs:${stage.region}:${url.split("/").slice(-2).join(":")}`;
}

function tlsOnly(action: string, ...resources: string[]): Statement {
  return deny(action, resources, { Bool: { "aws:SecureTransport": "false" } });
}

function deny(Action: string, Resource: string[], Condition: aws.iam.Conditions): Statement {
  return { Effect: "Deny", Principal: "*", Action, Resource, Condition };
}
