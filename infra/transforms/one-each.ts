// AWS keeps only one of each of these for a bucket, a queue or a topic: a second one silently replaces the first. A second
// notification, as `uploads.notify` makes, would stop thumbnails from being made.

type Kind = abstract new (...args: never[]) => $util.Resource;

const ofBuckets: Kind[] = [
  aws.s3.BucketAccelerateConfigurationV2,
  aws.s3.BucketCorsConfigurationV2,
  aws.s3.BucketLifecycleConfigurationV2,
  aws.s3.BucketLoggingV2,
  aws.s3.BucketNotification,
  aws.s3.BucketObjectLockConfigurationV2,
  aws.s3.BucketOwnershipControls,
  aws.s3.BucketPolicy,
  aws.s3.BucketPublicAccessBlock,
  aws.s3.BucketReplicationConfig,
  aws.s3.BucketRequestPaymentConfigurationV2,
  aws.s3.BucketServerSideEncryptionConfigurationV2,
  aws.s3.BucketVersioningV2,
  aws.s3.BucketWebsiteConfigurationV2,
];
const ofQueues: Kind[] = [aws.sqs.QueuePolicy, aws.sqs.RedriveAllowPolicy, aws.sqs.RedrivePolicy];
const ofTopics: Kind[] = [aws.sns.DataProtectionPolicy, aws.sns.TopicPolicy];

const first = new Map<string, string>();

$util.runtime.registerStackTransformation(({ resource, name, props, opts }) => {
  const is = (kind: Kind) => resource instanceof kind;
  const of = ofBuckets.some(is)
    ? "bucket"
    : ofQueues.some(is)
      ? "queueUrl"
      : ofTopics.some(is)
        ? "arn"
        : undefined;
  if (!of || opts.id) return undefined;
  const place = (target: string) => `${resource.constructor.name} of ${target}`;
  return {
    props: {
      ...props,
      [of]: $output(props[of]).apply((target: string) => claim(place(target), name, target)),
    },
    opts,
  };
});

/** @throws Error if another resource has the place */
function claim(place: string, name: string, target: string): string {
  const other = first.get(place);
  if (other) {
    throw new Error(
      `Expected one ${place}, found two: ${other} and ${name}. AWS keeps only the last one. Merge them.`,
    );
  }
  first.set(place, name);
  return target;
}

export {};
