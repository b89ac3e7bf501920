import type { Graph } from "@thumbsmith/synth";
import { ACCOUNT } from "@thumbsmith/synth";
import type { Principal } from "../evaluate.ts";
import { ask, type Call, call, landmarks } from "./call.ts";

// Calls of SST's idioms in additions/idioms.ts.

const STRANGER = "999999999999";

/** The calls that each component must be able to make. */
export function idiomCalls(graph: Graph): Call[] {
  return [...ofLinks(graph), ...ofSenders(graph), ...ofReaders(graph), ...ofCloudFront(graph)];
}

/** Calls that SST's own policies would allow, or that a link must not. */
export function forbiddenIdiomCalls(graph: Graph): Call[] {
  const { key } = landmarks(graph);
  const linked = roleOf(graph, "IdiomLinked");
  return [
    call("a link: uses the key for itself", ask(linked, "kms:GenerateDataKey", key)),
    call("a link: encrypts with the key", ask(linked, "kms:Encrypt", key)),
    ...sendersOf(graph).map(({ title, service, target, action, from }) =>
      call(
        `${title}, of another account`,
        ask({ service }, action, target, {
          "aws:SourceArn": from.replace(ACCOUNT, STRANGER),
          "aws:SourceAccount": STRANGER,
        }),
      ),
    ),
    ...["IdiomServed", "IdiomSiteAssets"].map((name) =>
      call(
        `CloudFront reads ${name}, for another account`,
        ask({ service: "cloudfront.amazonaws.com" }, "s3:GetObject", `${bucket(graph, name)}/index.html`, {
          "aws:SourceArn": `arn:aws:cloudfront::${STRANGER}:distribution/THEIRS`,
        }),
      ),
    ),
  ];
}

const arn = (graph: Graph, type: string, name: string): string => graph.one(type, name).outputs.arn;
const bucket = (graph: Graph, name: string) => arn(graph, "s3.BucketV2", `${name}Bucket`);
const queue = (graph: Graph, name: string) => arn(graph, "sqs.Queue", `${name}Queue`);
const topic = (graph: Graph, name: string) => arn(graph, "sns.Topic", `${name}Topic`);
const roleOf = (graph: Graph, name: string) => ({ arn: arn(graph, "iam.Role", `${name}Role`) });

/** The requests of a role's call through a service that uses the key in its name. */
function through(graph: Graph, role: Principal, action: string, resource: string, ...keyActions: string[]) {
  const { key, region } = landmarks(graph);
  const context = { "kms:ViaService": `${action.split(":")[0]}.${region}.amazonaws.com` };
  return [
    ask(role, action, resource),
    ...keyActions.map((keyAction) => ask(role, `kms:${keyAction}`, key, context)),
  ];
}

function ofLinks(graph: Graph): Call[] {
  const linked = roleOf(graph, "IdiomLinked");
  const steps = roleOf(graph, "IdiomSteps");
  const data = ["GenerateDataKey", "Decrypt"];
  const object = `${bucket(graph, "IdiomBucket")}/a`;
  const [jobs, told] = [queue(graph, "IdiomJobs"), topic(graph, "IdiomTopic")];
  const stream = arn(graph, "kinesis.Stream", "IdiomStreamStream");
  const table = arn(graph, "dynamodb.Table", "IdiomTableTable");
  return [
    call("a link to a bucket: puts", ...through(graph, linked, "s3:PutObject", object, "GenerateDataKey")),
    call("a link to a bucket: uploads in parts", ...through(graph, linked, "s3:PutObject", object, ...data)),
    call("a link to a bucket: reads", ...through(graph, linked, "s3:GetObject", object, "Decrypt")),
    call("a link to a queue: sends", ...through(graph, linked, "sqs:SendMessage", jobs, ...data)),
    call("a link to a queue: receives", ...through(graph, linked, "sqs:ReceiveMessage", jobs, "Decrypt")),
    call("a link to a topic: publishes", ...through(graph, linked, "sns:Publish", told, ...data)),
    call("a link to a stream: puts", ...through(graph, linked, "kinesis:PutRecord", stream, ...data)),
    call("a link to a table: puts", ask(linked, "dynamodb:PutItem", table)),
    call(
      "a component's function: uses the key for what the component lets it write",
      ...["s3", "sqs", "sns"].map((service) =>
        ask(roleOf(graph, "IdiomCronHandler"), "kms:GenerateDataKey", landmarks(graph).key, {
          "kms:ViaService": `${service}.${landmarks(graph).region}.amazonaws.com`,
        }),
      ),
    ),
    call("a workflow: sends", ...through(graph, steps, "sqs:SendMessage", jobs, ...data)),
    call("a workflow: publishes", ...through(graph, steps, "sns:Publish", told, ...data)),
  ];
}

interface Sender {
  title: string;
  service: string;
  from: string;
  action: string;
  target: string;
}

/** Services that send messages for themselves. */
function sendersOf(graph: Graph): Sender[] {
  const rule = (name: string) => arn(graph, "cloudwatch.EventRule", `IdiomBusSubscriber${name}Rule`);
  const to = (target: string) => ({ action: "sqs:SendMessage", target });
  const sns = { service: "sns.amazonaws.com", from: topic(graph, "IdiomTopic") };
  const s3 = { service: "s3.amazonaws.com", from: bucket(graph, "IdiomBucket") };
  const events = "events.amazonaws.com";
  return [
    { title: "topic.subscribeQueue, by its component", ...sns, ...to(queue(graph, "IdiomFromTopic")) },
    { title: "topic.subscribeQueue, by its ARN", ...sns, ...to(queue(graph, "IdiomFromTopicByArn")) },
    {
      title: "bus.subscribeQueue, by its component",
      service: events,
      from: rule("ToQueue"),
      ...to(queue(graph, "IdiomFromBus")),
    },
    {
      title: "bus.subscribeQueue, by its ARN",
      service: events,
      from: rule("ByArn"),
      ...to(queue(graph, "IdiomFromBusByArn")),
    },
    { title: "bucket.notify to a queue", ...s3, ...to(queue(graph, "IdiomFromBucket")) },
    {
      title: "bucket.notify to a topic",
      ...s3,
      action: "sns:Publish",
      target: topic(graph, "IdiomTopicFromBucket"),
    },
  ];
}

function ofSenders(graph: Graph): Call[] {
  const { key } = landmarks(graph);
  return sendersOf(graph).map(({ title, service, from, action, target }) => {
    const context = { "aws:SourceArn": from, "aws:SourceAccount": ACCOUNT };
    return call(
      title,
      ask({ service }, action, target, context),
      ...["GenerateDataKey", "Decrypt"].map((use) => ask({ service }, `kms:${use}`, key, context)),
    );
  });
}

/** Functions that a component calls with its data. */
function ofReaders(graph: Graph): Call[] {
  const [subscriber] = graph.all("iam.Role").filter(({ name }) => /^IdiomJobsSubscriber/.test(name));
  const ofQueue = { arn: subscriber?.outputs.arn as string };
  const ofStream = roleOf(graph, "IdiomStreamSubscriberToFunctionFunction");
  const ofTable = roleOf(graph, "IdiomTableSubscriberToFunctionFunction");
  const stream = arn(graph, "kinesis.Stream", "IdiomStreamStream");
  const { streamArn } = graph.one("dynamodb.Table", "IdiomTableTable").outputs;
  return [
    call(
      "queue.subscribe: receives messages",
      ...through(graph, ofQueue, "sqs:ReceiveMessage", queue(graph, "IdiomJobs"), "Decrypt"),
    ),
    call("stream.subscribe: reads", ...through(graph, ofStream, "kinesis:GetRecords", stream, "Decrypt")),
    call("table.subscribe: reads", ask(ofTable, "dynamodb:GetRecords", streamArn)),
  ];
}

function ofCloudFront(graph: Graph): Call[] {
  const { key } = landmarks(graph);
  const context = { "aws:SourceArn": `arn:aws:cloudfront::${ACCOUNT}:distribution/EDFDVBD6EXAMPLE` };
  const cloudfront = { service: "cloudfront.amazonaws.com" };
  return [
    ["a StaticSite: is served", "IdiomSiteAssets"] as const,
    ['access: "cloudfront": is served', "IdiomServed"] as const,
  ].map(([title, name]) =>
    call(
      title,
      ask(cloudfront, "s3:GetObject", `${bucket(graph, name)}/index.html`, context),
      ask(cloudfront, "kms:Decrypt", key, context),
    ),
  );
}
