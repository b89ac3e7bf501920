// SST gives this queue a policy later than the lock did, so that there would be two.
const bucket = new sst.aws.Bucket("RogueBucket");
bucket.notify({ notifications: [{ name: "New", queue: new sst.aws.Queue("RogueQueue") }] });
