import { key } from "../encryption.ts";
import { readStage } from "../stage.ts";
import { hasPolicy } from "./policies.ts";

// Locks that are resources of their own. Every bucket, queue and topic has a policy that refuses what is not
// encrypted on its way; every bucket also its key, its owner and its public access block.

const stage = readStage($app.stage);
const noStatements = JSON.stringify({ Version: "2012-10-17", Statement: [] });

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
  // By the next tick the resource has its outputs.
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
  // SST's own component makes the next two, and the transforms reach them there.
  if (parent instanceof sst.aws.Bucket) return;
  new aws.s3.BucketPublicAccessBlock(`${name}PublicAccessBlock`, { bucket });
  unlessPoliced(resource, bucket, () => {
    new aws.s3.BucketPolicy(`${name}Policy`, { bucket, policy: noStatements });
  });
}

/**
 * Makes a policy where nothing else has. SST's subscribers make theirs when they know the ARN of the queue or topic, so
 * the question is put a turn after that. In a preview what is new has no ARN.
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
