import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { Target } from "../deployment/target.ts";
import { withActions } from "../terminal/advice.ts";

/** What the checks read: a client for each service, and what several of them need. */
export function createLive(target: Target, deployed: NonNullable<Target["deployed"]>) {
  const { access } = target;
  const clients = {
    lambda: withActions(new LambdaClient(access)),
    iam: withActions(new IAMClient(access)),
    kms: withActions(new KMSClient(access)),
    sns: withActions(new SNSClient(access)),
    logs: withActions(new CloudWatchLogsClient(access)),
    events: withActions(new EventBridgeClient(access)),
    cloudwatch: withActions(new CloudWatchClient(access)),
  };
  const { uploadsBucket, thumbnailsBucket, queueUrl, deadLetterQueueUrl } = target;
  return {
    ...clients,
    s3: target.s3,
    config: target.config,
    uploadsBucket,
    thumbnailsBucket,
    deployed,
    region: access.region,
    account: deployed.keyArn.split(":")[4] ?? "",
    function: once(() =>
      clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: deployed.functionName })),
    ),
    queue: once(() => attributesOf(target, queueUrl)),
    deadLetters: once(() => attributesOf(target, deadLetterQueueUrl)),
    close() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
export type Live = ReturnType<typeof createLive>;

export async function attributesOf(
  { sqs }: Pick<Target, "sqs">,
  QueueUrl: string,
): Promise<Record<string, string>> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
  );
  return Attributes;
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= read();
    return answer;
  };
}
