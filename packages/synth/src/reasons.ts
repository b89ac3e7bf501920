import type { Resource } from "./graph.ts";

/** Why resources exist: by name if a resource has a specific reason, otherwise by type. */
const reasons: Record<string, string> = {
  Uploads: "what people upload; only the function reads it",
  Thumbnails: "the thumbnails and manifests; nothing here can trigger the function",
  Jobs: "holds jobs during a burst, and redelivers those that fail",
  DeadLetters: "jobs that failed five times wait here for an operator, 14 days",
  Subscriber: "makes the thumbnails",
  AlarmKey: "the topic's own key, so that alarms arrive even if the other cannot be used",
  Canary: "uploads a small picture, waits for its manifest, and removes it",
  CanaryEventInvokeConfig: "a failed run is not retried, so that the alarm notices it",
  CanaryScheduleRole: "may call that one function",
  CanarySchedule: "calls it every 15 minutes",
  SubscriberSourcemap0: "maps stack traces to the source, in SST's own bucket",
  Alarms: "people who want to know about alarms subscribe here",
  AlarmWebhook: "the address that alarms are posted to, kept out of the code",

  Cdn: "serves the thumbnails, and nothing else of the bucket",
  Completions: "holds the events of new manifests, for a function of yours",
  CompletionsDeadLetters: "events your function failed on five times, 14 days",
  CompletionsPolicy: "the one rule may send; refuses plain HTTP",
  OnCompletion: "acts on every manifest",
  Application: "lets browsers upload, and finds their thumbnails",
  ThumbsmithUploads: "what an application links to upload",
  ThumbsmithThumbnails: "what an application links to read thumbnails",

  "aws:kms/key:Key": "encrypts all that is stored here; rotated every year",
  "aws:kms/alias:Alias": "the key's name for people, and the claim to all names that begin with it",
  "aws:s3/bucketV2:BucketV2": "the bucket; kept with what is in it, unless the stage is personal",
  "aws:s3/bucketPolicy:BucketPolicy": "refuses plain HTTP, and any other key or encryption",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "nothing here can be made public",
  "aws:s3/bucketVersioningV2:BucketVersioningV2": "what is overwritten or deleted can be restored",
  "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2":
    "encrypts with our key, through a bucket key",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "the bucket owns its objects; no access lists",
  "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":
    "removes unfinished multipart uploads and old versions",
  "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2": "the web origins that may upload",
  UploadsEvents: "tells the queue of every upload, deletion and expiry",
  UploadsRule: "selects the events of the bucket that exists",
  UploadsTarget: "sends them to the queue, or else to the dead letters",
  ThumbnailsEvents: "tells EventBridge of every manifest: the completion event",
  "aws:sqs/queue:Queue": "the queue, encrypted",
  JobsPolicy: "the events of the uploads bucket may be sent; refuses plain HTTP",
  "aws:sqs/queuePolicy:QueuePolicy": "refuses plain HTTP",
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "only the one queue may use these dead letters",
  "aws:iam/role:Role": "what the function may do: its prefixes, its queue, its log, the key",
  "aws:lambda/function:Function": "the handler, or SST's stub under sst dev",
  "aws:s3/bucketObjectv2:BucketObjectv2": "the function's package, in SST's own bucket",
  "aws:cloudwatch/logGroup:LogGroup": "the function's log, encrypted, kept for a year",
  "aws:lambda/eventSourceMapping:EventSourceMapping":
    "calls the function with batches; caps how many at once",
  "sst:aws:QueueLambdaSubscriber": "joins the queue to the function",
  "random:index/randomBytes:RandomBytes": "SST's, for linked secrets; there are none",
  "aws:sns/topic:Topic": "the topic, encrypted",
  "aws:sns/topicPolicy:TopicPolicy": "our alarms may publish; refuses plain HTTP",
  "aws:sns/topicSubscription:TopicSubscription": "a person or an address that gets the alarms",
  "aws:cloudwatch/dashboard:Dashboard": "is it healthy, how fast is it, what does it cost",
  "aws:cloudwatch/eventRule:EventRule": "selects the events of new manifests",
  "aws:cloudwatch/eventTarget:EventTarget": "sends them to the queue",
  "aws:cloudfront/distribution:Distribution": "GET and HEAD, over TLS, from a cache near the viewer",
  "aws:cloudfront/originAccessControl:OriginAccessControl": "signs its requests to the bucket",
  "aws:cloudfront/cachePolicy:CachePolicy": "how long to cache, and that each ?v= is cached by itself",
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy":
    "adds security headers; removes those that name the key",
  "pulumi-nodejs:dynamic:Resource": "SST's, to look up or to wait",
  "pulumi:providers:aws": "CloudFront takes certificates only from us-east-1",
  "sst:aws:Certificate": "the domain's certificate",
  "aws:acm/certificate:Certificate": "the certificate, renewed by AWS",
  "aws:acm/certificateValidation:CertificateValidation": "waits for its validation",
  "aws:route53/record:Record": "the domain's addresses, and the proof that it is ours",
  "aws:budgets/budget:Budget": "alarms before the month's money is spent",
};

export function reasonOf({ name, type, inputs }: Resource): string {
  return (
    reasons[name] ?? reasons[type] ?? firstSentence(inputs.alarmDescription) ?? "not part of this application"
  );
}

/** The first sentence of an alarm's description. */
function firstSentence(text?: string): string | undefined {
  return text?.match(/^.*?\.(?= |$)/)?.[0];
}
