import { key } from "../encryption.ts";
import { readStage } from "../stage.ts";
import { hasPolicy } from "./policies.ts";

// Locks that are separate resources. Every bucket, queue and topic gets a policy that refuses plain HTTP; every bucket also
// gets the encryption key, an owner and a public access block.

const stage = readStage($app.stage);
const noStatements = JSON.stringify({ Version: "2012-10-17", Statement: [] });

/** These are retained with their bucket: without them, the retained bucket would be open. */
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
  // On the next tick, the resource has its outputs.
  if (!opts.id) process.nextTick(() => lock(resource, name, opts.parent));
  const keep = stage.retained && retained.some((kind) => resource instanceof kind);
  return keep ? { props, opts: { ...opts, retainOnDelete: true } } : undefined;
});

function lock(resource: $util.Resource, name: string, parent?: $util.Resource) {
  if (resource instanceof aws.sqs.Queue) {
    const { url } = resource;
    unlessPoliced(resource, url, () => {
      new aws.sqs.QueuePolicy(`${name}Policy`, { queueUrl: url, policy: noStatements });
    });
  }
  if (resource instanceof aws.sns.Topic) {
    const { arn } = resource;
    unlessPoliced(resource, arn, () => {
      new aws.sns.TopicPolicy(`${name}Policy`, { arn, policy: noStatements });
    });
  }
  if (resource instanceof aws.s3.BucketV2 || resource instanceof aws.s3.Bucket) {
    lockBucket(resource, name, parent);
  }
}

function lockBucket(resource: aws.s3.BucketV2 | aws.s3.Bucket, name: string, parent?: $util.Resource) {
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
  // SST's Bucket component makes the next two itself, and the transforms apply to them.
  if (parent instanceof sst.aws.Bucket) return;
  new aws.s3.BucketPublicAccessBlock(`${name}PublicAccessBlock`, { bucket });
  unlessPoliced(resource, bucket, () => {
    new aws.s3.BucketPolicy(`${name}Policy`, { bucket, policy: noStatements });
  });
}

/**
 * Makes a policy unless something else has made one. SST's subscribers make theirs once they know the ARN of the queue or
 * topic, so this checks a turn after that. In a preview, a new resource has no ARN.
 */
function unlessPoliced(
  { id, urn }: $util.CustomResource,
  target: $util.Output<string>,
  makePolicy: () => void,
) {
  const done = $util.runtime.rpcKeepAlive();
  const known = $util.runtime.isDryRun() ? urn : target;
  known.apply((value) =>
    setImmediate(() => {
      if (![value, target, id].some(hasPolicy)) makePolicy();
      done();
    }),
  );
}
