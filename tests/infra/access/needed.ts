import type { Graph } from "@thumbsmith/synth";
import { ACCOUNT } from "@thumbsmith/synth";
import { neededByApplication } from "./application.ts";
import { ask, type Call, call, ifNew, ifSame, landmarks } from "./call.ts";
import { neededByCanary } from "./canary.ts";

type Marks = ReturnType<typeof landmarks>;

/** The calls that the code makes, and those that AWS's services make for it. */
export function neededCalls(graph: Graph): Call[] {
  const marks = landmarks(graph);
  const [alarm] = graph.all("cloudwatch.MetricAlarm");
  return [
    ...ofFunction(marks),
    ...ofUploads(marks),
    ...ofServices(marks, alarm?.outputs.arn),
    ...ofDistribution(marks),
    ...ofCompletion(marks),
    ...neededByApplication(graph),
    ...neededByCanary(graph),
  ];
}

/** The calls of `sst dev`, by which the stub reaches the developer's machine. No other stage needs them. */
export function liveCalls(graph: Graph): Call[] {
  const { role } = landmarks(graph);
  return [
    call(
      "the stub publishes through AppSync",
      ask(role, "appsync:EventPublish", "arn:aws:appsync:::apis/sst"),
    ),
    call("the stub passes on a large event", ask(role, "s3:PutObject", "arn:aws:s3:::sst-asset/event")),
  ];
}

function ofFunction(marks: Marks): Call[] {
  const { role, uploads, uploadsKey, thumbnails, key, jobs, logs, traces, region } = marks;
  const decryptSource = ask(role, "kms:Decrypt", uploadsKey, {
    "kms:ViaService": `s3.${region}.amazonaws.com`,
  });
  const data = (action: string, service = "s3") =>
    ask(role, `kms:${action}`, key, { "kms:ViaService": `${service}.${region}.amazonaws.com` });
  const absence = (bucket: string, name: string) => ask(role, "s3:ListBucket", bucket, { "s3:prefix": name });
  const output = `${thumbnails}/thumbnails/a/b.jpg`;
  const manifest = `${thumbnails}/manifests/uploads/a/b.jpg.json`;
  return [
    call("reads a source", ask(role, "s3:GetObject", `${uploads}/uploads/a/b.jpg`), decryptSource),
    call("learns that a source is gone", absence(uploads, "uploads/a/b.jpg")),
    ...[output, manifest].flatMap((object) => {
      const name = object.slice(`${thumbnails}/`.length);
      return [
        call(`reads ${name}`, ask(role, "s3:GetObject", object), data("Decrypt")),
        call(`learns that there is no ${name}`, absence(thumbnails, name)),
        call(`writes a new ${name}`, ask(role, "s3:PutObject", object, ifNew), data("GenerateDataKey")),
        call(`replaces ${name}`, ask(role, "s3:PutObject", object, ifSame), data("GenerateDataKey")),
        call(`deletes the ${name} that it observed`, ask(role, "s3:DeleteObject", object, ifSame)),
      ];
    }),
    ...consumerActions.map((action) =>
      call(`consumes the queue: ${action}`, ask(role, `sqs:${action}`, jobs)),
    ),
    call("decrypts a message", data("Decrypt", "sqs")),
    call(
      "decrypts its environment",
      ask(role, "kms:Decrypt", key, {
        "kms:EncryptionContext:aws:lambda:FunctionArn": `arn:aws:lambda:${region}:${ACCOUNT}:function:x`,
      }),
    ),
    call("writes its log", ask(role, "logs:CreateLogStream", logs), ask(role, "logs:PutLogEvents", logs)),
    call(
      "sends traces",
      ask(role, "xray:PutTraceSegments", traces),
      ask(role, "xray:PutTelemetryRecords", traces),
    ),
  ];
}

const consumerActions = ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"];

/** S3 sends the events of our bucket; EventBridge those of one that exists, and those that it could not deliver. */
function ofUploads({ uploads, uploadsRule, key, jobs, deadLetters }: Marks): Call[] {
  const [sender, by] = uploadsRule
    ? service("events.amazonaws.com", uploadsRule)
    : service("s3.amazonaws.com", uploads);
  const sends = (what: string, queue: string) =>
    call(
      what,
      ask(sender, "sqs:SendMessage", queue, by),
      ask(sender, "kms:GenerateDataKey", key, by),
      ask(sender, "kms:Decrypt", key, by),
    );
  return [
    sends(`${uploadsRule ? "EventBridge" : "S3"} sends an event to the queue`, jobs),
    ...(uploadsRule ? [sends("EventBridge keeps what it cannot deliver", deadLetters)] : []),
  ];
}

function ofServices({ role, alarmKey, key, topic, logs, region }: Marks, alarm: string): Call[] {
  const [cloudwatch, ofAlarm] = service("cloudwatch.amazonaws.com", alarm);
  return [
    call("Lambda assumes the role", ask({ service: "lambda.amazonaws.com" }, "sts:AssumeRole", role.arn)),
    call(
      "CloudWatch publishes an alarm to the topic",
      ask(cloudwatch, "sns:Publish", topic, ofAlarm),
      ask(cloudwatch, "kms:GenerateDataKey", alarmKey, ofAlarm),
      ask(cloudwatch, "kms:Decrypt", alarmKey, ofAlarm),
    ),
    call(
      "CloudWatch Logs encrypts the log group",
      ...["Encrypt", "Decrypt", "ReEncryptFrom", "GenerateDataKey", "DescribeKey"].map((action) =>
        ask({ service: `logs.${region}.amazonaws.com` }, `kms:${action}`, key, {
          "kms:EncryptionContext:aws:logs:arn": logs.replace(/:log-stream:.*/, ""),
        }),
      ),
    ),
  ];
}

function ofDistribution({ distribution, thumbnails, key }: Marks): Call[] {
  if (!distribution) return [];
  const cloudfront = { service: "cloudfront.amazonaws.com" };
  // CloudFront sends the distribution's ARN, but no account.
  const context = { "aws:SourceArn": distribution };
  return [
    call(
      "CloudFront reads a thumbnail",
      ask(cloudfront, "s3:GetObject", `${thumbnails}/thumbnails/a/b.jpg`, context),
      ask(cloudfront, "kms:Decrypt", key, context),
    ),
  ];
}

function ofCompletion({ completion, thumbnails, key, region }: Marks): Call[] {
  if (!completion) return [];
  const { rule, queue, role } = completion;
  const [events, ofRule] = service("events.amazonaws.com", rule);
  return [
    call(
      "EventBridge sends the event of a manifest to the queue of completions",
      ask(events, "sqs:SendMessage", queue, ofRule),
      ask(events, "kms:GenerateDataKey", key, ofRule),
      ask(events, "kms:Decrypt", key, ofRule),
    ),
    ...consumerActions.map((action) =>
      call(`the example consumes its queue: ${action}`, ask(role, `sqs:${action}`, queue)),
    ),
    call(
      "the example reads a manifest",
      ask(role, "s3:GetObject", `${thumbnails}/manifests/uploads/a/b.jpg.json`),
      ask(role, "kms:Decrypt", key, { "kms:ViaService": `s3.${region}.amazonaws.com` }),
    ),
    call(
      "the example learns that a manifest is gone",
      ask(role, "s3:ListBucket", thumbnails, { "s3:prefix": "manifests/uploads/a/b.jpg.json" }),
    ),
  ];
}

/** A call by a service of AWS on behalf of a resource. */
function service(name: string, SourceArn: string) {
  return [{ service: name }, { "aws:SourceArn": SourceArn, "aws:SourceAccount": ACCOUNT }] as const;
}
