import type { Graph, Resource } from "@thumbsmith/synth";
import { ACCOUNT } from "@thumbsmith/synth";
import { list } from "../evaluate.ts";
import { type Control, each, refusesPlainHttp, statementsOf, underKey } from "./control.ts";

const DAY = 24 * 60 * 60;

export const ofQueuesAndTopics: Control[] = [
  {
    ids: ["SQS4"],
    title: "every queue refuses requests without TLS",
    where: "infra/transforms/policies.ts",
    find: (graph) =>
      each(graph, "sqs.Queue", (queue) => {
        const policy = graph
          .all("sqs.QueuePolicy")
          .find(({ inputs }) => inputs.queueUrl === queue.outputs.url);
        return policy ? refusesPlainHttp(policy, "sqs:*", [queue.outputs.arn]) : ["has no policy"];
      }),
  },
  {
    ids: ["SNS3"],
    title: "every topic refuses requests without TLS",
    where: "infra/transforms/policies.ts",
    find: (graph) =>
      each(graph, "sns.Topic", (topic) => {
        const policy = graph.all("sns.TopicPolicy").find(({ inputs }) => inputs.arn === topic.outputs.arn);
        return policy ? refusesPlainHttp(policy, "sns:Publish", [topic.outputs.arn]) : ["has no policy"];
      }),
  },
  {
    ids: ["SQS.1", "SQS2", "CKV_AWS_27"],
    title: "every queue is encrypted with our key, also those of dead letters",
    where: "infra/transforms/defaults.ts",
    find: (graph) => each(graph, "sqs.Queue", ({ inputs }) => underKey(inputs.kmsMasterKeyId)),
  },
  {
    ids: ["SNS.1", "SNS2", "CKV_AWS_26"],
    title: "every topic is encrypted with our key, and the alarms' topic with its own",
    where: "infra/transforms/defaults.ts, infra/alarm-key.ts",
    find: (graph) =>
      each(graph, "sns.Topic", ({ name, inputs: { kmsMasterKeyId: key } }) => {
        if (name !== "AlarmsTopic") return underKey(key);
        return /:123456789012:key\/AlarmKey$/.test(key) ? [] : ["shares the key that its alarms report"];
      }),
  },
  {
    ids: ["Kinesis.1", "CKV_AWS_43", "CKV_AWS_185"],
    title: "every stream is encrypted with our key",
    where: "infra/transforms/defaults.ts",
    find: (graph) =>
      graph
        .all("kinesis.Stream")
        .flatMap(({ name, inputs }) =>
          (inputs.encryptionType === "KMS" ? underKey(inputs.kmsKeyId) : ["is not encrypted"]).map(
            (problem) => ({ resource: name, problem }),
          ),
        ),
  },
  {
    ids: ["SQS3"],
    title: "messages that keep failing are kept: dead letters outlive the queue they come from",
    where: "infra/queue.ts",
    find: (graph) => {
      const queues = graph.all("sqs.Queue");
      return queues
        .filter(({ name }) => !name.endsWith("DeadLettersQueue"))
        .flatMap(({ name, inputs }) => {
          const redrive = inputs.redrivePolicy && JSON.parse(inputs.redrivePolicy);
          const target = queues.find(({ outputs }) => outputs.arn === redrive?.deadLetterTargetArn);
          if (!target || redrive.maxReceiveCount !== 5)
            return [{ resource: name, problem: "loses messages that fail" }];
          const kept = target.inputs.messageRetentionSeconds;
          if (kept === 14 * DAY && kept > inputs.messageRetentionSeconds) return [];
          return [{ resource: name, problem: "outlives its dead letters" }];
        });
    },
  },
  {
    ids: ["SQS.3"],
    title:
      "only the uploads bucket of this account may send to the queue: S3 itself, or the one rule of a bucket that exists",
    where: "infra/queue.ts",
    find: (graph) =>
      each(graph, "sqs.QueuePolicy", ({ inputs }) =>
        statementsOf(inputs.policy)
          .filter(({ Effect }) => Effect === "Allow")
          .flatMap(({ Principal, Action, Condition }) => {
            const found = JSON.stringify([Principal, list(Action), Condition]);
            return found === sendersTo(graph, inputs.queueUrl) ? [] : [`allows ${found}`];
          }),
      ),
  },
  {
    ids: ["SNS.4"],
    title: "only alarms and budgets of this account may publish to the topic",
    where: "infra/topic.ts",
    find: (graph) =>
      each(graph, "sns.TopicPolicy", ({ inputs }) =>
        statementsOf(inputs.policy)
          .filter(({ Effect }) => Effect === "Allow")
          .flatMap((statement) => {
            const { StringEquals, ArnLike } = statement.Condition ?? {};
            return Object.keys(statement.Principal ?? {}).join() === "Service" &&
              StringEquals?.["aws:SourceAccount"] === ACCOUNT &&
              String(ArnLike?.["aws:SourceArn"]).includes(`:${ACCOUNT}:`)
              ? []
              : [`allows ${JSON.stringify(statement)}`];
          }),
      ),
  },
  {
    ids: ["TS.3"],
    title: "a message stays hidden for six times as long as the function may take, and the batching window",
    where: "infra/queue.ts",
    find: (graph) =>
      each(graph, "lambda.EventSourceMapping", ({ inputs }) => {
        const queue = graph.all("sqs.Queue").find(({ outputs }) => outputs.arn === inputs.eventSourceArn);
        const fn = graph.all("lambda.Function").find(({ outputs }) => outputs.name === inputs.functionName);
        const needed = 6 * fn?.inputs.timeout + (inputs.maximumBatchingWindowInSeconds ?? 0);
        return queue?.inputs.visibilityTimeoutSeconds >= needed
          ? []
          : [`comes back before ${needed} seconds`];
      }),
  },
  {
    ids: ["TS.4"],
    title: "one bad message of a batch does not fail the others",
    where: "infra/subscriber.ts",
    find: (graph) =>
      each(graph, "lambda.EventSourceMapping", ({ inputs }) =>
        inputs.functionResponseTypes?.includes("ReportBatchItemFailures") ? [] : ["fails the whole batch"],
      ),
  },
];

/** The only sender to a queue: S3, or the rule of a bucket that exists, to the jobs; the example's rule to completions. */
function sendersTo(graph: Graph, url: string): string | undefined {
  const queue = graph.all("sqs.Queue").find(({ outputs }) => outputs.url === url);
  const only = (Service: string, sender?: Resource) =>
    JSON.stringify([
      { Service },
      ["sqs:SendMessage"],
      {
        ArnEquals: { "aws:SourceArn": sender?.outputs.arn },
        StringEquals: { "aws:SourceAccount": ACCOUNT },
      },
    ]);
  const [uploads] = graph.all("s3.BucketV2").filter(({ name }) => name === "UploadsBucket");
  if (queue?.name === "JobsQueue" && uploads) return only("s3.amazonaws.com", uploads);
  if (queue?.name === "JobsQueue" || (queue?.name === "DeadLettersQueue" && !uploads)) {
    return only("events.amazonaws.com", graph.one("cloudwatch.EventRule", "UploadsRule"));
  }
  if (queue?.name !== "CompletionsQueue") return undefined;
  return only("events.amazonaws.com", graph.one("cloudwatch.EventRule", "Completions"));
}
