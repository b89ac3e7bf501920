// What a user might add without thinking of encryption or policies: each kind of resource, in each way.
new sst.aws.Bucket("RogueBucket");
new sst.aws.Queue("RogueQueue");
new sst.aws.SnsTopic("RogueTopic");
new sst.aws.Function("RogueFunction", { handler: "rogue.handler" });
new sst.aws.Function("RogueUrl", { handler: "rogue.handler", url: true });
new sst.aws.KinesisStream("RogueStream");
new aws.kinesis.Stream("RawStream", { shardCount: 1 });
new aws.s3.BucketV2("RawBucket");
new aws.s3.Bucket("OldBucket");
new aws.sqs.Queue("RawQueue", { sqsManagedSseEnabled: true });
new aws.sns.Topic("RawTopic");
new aws.cloudwatch.LogGroup("RawLogGroup", { retentionInDays: 1 });
new aws.lambda.Function("RawFunction", { role: "arn:aws:iam::123456789012:role/raw", runtime: "nodejs22.x" });

// A queue with its own policy keeps it, and gets the lock too.
const open = new aws.sqs.Queue("PolicedQueue");
new aws.sqs.QueuePolicy("PolicedQueueOwn", {
  queueUrl: open.url,
  policy: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: "123456789012" }, Action: "sqs:*" }],
  },
});
// A bucket that asks to be open is closed anyway.
new sst.aws.Bucket("OpenBucket", { enforceHttps: false, transform: { publicAccessBlock: false } });
// A bucket that is only looked up belongs to someone else.
sst.aws.Bucket.get("TheirBucket", "their-bucket");
