import { setTimeout as delay } from "node:timers/promises";
import { SQSClient } from "@aws-sdk/client-sqs";
import { LOCAL_ACCESS, startEventSourceMapping } from "@thumbsmith/aws-local";
import { createClient, createSubscriber } from "@thumbsmith/functions";
import { buckets, config } from "./config.ts";

// The function in a separate process, which is killed without notice.
const [endpoint = "", queueUrl = "", queueArn = ""] = process.argv.slice(2);
const access = { ...LOCAL_ACCESS, endpoint };
const say = (word: string) => process.send?.(word);

/** Its calls are delayed: mostly by a few milliseconds, sometimes long enough for others to finish. */
const client = createClient(access);
client.middlewareStack.add(
  (next) => async (args) => {
    await delay(Math.random() ** 20 * 1_000);
    return next(args);
  },
  { step: "finalizeRequest" },
);
const subscriber = createSubscriber({
  config,
  environment: buckets,
  client,
  report: ({ outcome, error }) => say(error?.code ?? outcome?.result ?? ""),
});

startEventSourceMapping({
  sqs: new SQSClient(access),
  queueUrl,
  queueArn,
  batchSize: 10,
  maximumConcurrency: 2,
  functionName: "thumbsmith-soak",
  timeoutSeconds: config.limits.timeout,
  memoryMb: config.limits.memory,
  onError: (error) => say(`error: ${error}`),
  handler(event, context) {
    for (const { attributes } of event.Records) {
      if (Number(attributes.ApproximateReceiveCount) > 1) say("messages that came back");
    }
    return subscriber(event, context);
  },
});
say("ready");
