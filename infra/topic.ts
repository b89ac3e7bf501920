import { alarmKey } from "./alarm-key.ts";
import { account } from "./encryption.ts";
import { prefix } from "./names.ts";
import { readStage } from "./stage.ts";

const stage = readStage($app.stage);

/** The topic that alarms are sent to, and its subscribers. */
export const topic = new sst.aws.SnsTopic("Alarms", {
  transform: { topic: { kmsMasterKeyId: alarmKey.arn } },
});

export const policy = new aws.sns.TopicPolicy("AlarmsPolicy", {
  arn: topic.arn,
  policy: $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      mayPublish(
        "cloudwatch.amazonaws.com",
        $interpolate`arn:aws:cloudwatch:${stage.region}:${account}:alarm:${prefix}-*`,
      ),
      ...(stage.monthlyBudget
        ? [mayPublish("budgets.amazonaws.com", $interpolate`arn:aws:budgets::${account}:*`)]
        : []),
    ],
  }),
});

for (const endpoint of stage.alarmEmails) {
  new aws.sns.TopicSubscription(`AlarmsTo-${endpoint}`, { topic: topic.arn, protocol: "email", endpoint });
}

// The URL is a secret, because anyone who has it can post to it: `sst secret set AlarmWebhook https://…`
if (stage.alarmWebhook) {
  const endpoint = new sst.Secret("AlarmWebhook").value;
  new aws.sns.TopicSubscription("AlarmsToWebhook", { topic: topic.arn, protocol: "https", endpoint });
}

function mayPublish(service: string, sourceArn: $util.Input<string>) {
  return {
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sns:Publish",
    Resource: topic.arn,
    Condition: { StringEquals: { "aws:SourceAccount": account }, ArnLike: { "aws:SourceArn": sourceArn } },
  };
}
