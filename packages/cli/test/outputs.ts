/** What SST writes after a deployment. */
export const OUTPUTS = {
  ...{ stage: "production", region: "us-east-1", uploadsBucket: "uploads", thumbnailsBucket: "thumbnails" },
  ...{
    queueUrl: "http://localhost/1/queue",
    deadLetterQueueUrl: "http://localhost/1/dead",
    functionName: "subscriber",
  },
  ...{
    keyArn: "arn:aws:kms:us-east-1:123456789012:key/1",
    alarmTopicArn: "arn:aws:sns:us-east-1:123456789012:alarms",
  },
};
