// Idioms of SST's documentation: each component that stores or carries data, and what it is linked or subscribed to.
const handler = "idiom.handler";
const bucket = new sst.aws.Bucket("IdiomBucket");
const topic = new sst.aws.SnsTopic("IdiomTopic");
const stream = new sst.aws.KinesisStream("IdiomStream");
const table = new sst.aws.Dynamo("IdiomTable", {
  fields: { id: "string" },
  primaryIndex: { hashKey: "id" },
  stream: "new-image",
});
const bus = new sst.aws.Bus("IdiomBus");
const jobs = new sst.aws.Queue("IdiomJobs");

new sst.aws.Function("IdiomLinked", { handler, link: [bucket, jobs, topic, stream, table], url: true });
jobs.subscribe(handler);
topic.subscribe("ToFunction", handler);
stream.subscribe("ToFunction", handler);
table.subscribe("ToFunction", handler);
bus.subscribe("ToFunction", handler);
new sst.aws.Cron("IdiomCron", { schedule: "rate(1 day)", function: handler });

topic.subscribeQueue("ToQueue", new sst.aws.Queue("IdiomFromTopic"));
topic.subscribeQueue("ByArn", new sst.aws.Queue("IdiomFromTopicByArn").arn);
bus.subscribeQueue("ToQueue", new sst.aws.Queue("IdiomFromBus"));
bus.subscribeQueue("ByArn", new sst.aws.Queue("IdiomFromBusByArn").arn);
bucket.notify({
  notifications: [
    { name: "ToFunction", function: handler, filterPrefix: "functions/" },
    { name: "ToQueue", queue: new sst.aws.Queue("IdiomFromBucket"), filterPrefix: "queues/" },
    { name: "ToTopic", topic: new sst.aws.SnsTopic("IdiomTopicFromBucket"), filterPrefix: "topics/" },
  ],
});

new sst.aws.Bucket("IdiomServed", { access: "cloudfront" });
new sst.aws.StaticSite("IdiomSite", { path: "tests/infra/additions/site" });
new sst.aws.StepFunctions("IdiomSteps", {
  definition: sst.aws.StepFunctions.sqsSendMessage({ name: "Send", queue: jobs, messageBody: "{}" }).next(
    sst.aws.StepFunctions.snsPublish({ name: "Tell", topic, message: "{}" }),
  ),
});
