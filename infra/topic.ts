import { account } from "./encryption.ts";
import { readStage } from "./stage.ts";

const stage = readStage($app.stage);

/** Where alarms go, and who is told of them. */
export const topic = new sst.aws.SnsTopic("Alarms");

const policy = new aws.sns.TopicPolicy("AlarmsPolicy", {
  arn: topic.arn,
  policy: $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      mayPublish(
        "cloudwatch.amazonaws.com",
        $interpolate`arn:aws:cloudwatch:${stage.region}:${account}:alarm:${stage.prefix}-*`,
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

// Whoever has the address can post to it, which makes it a secret: `sst secret set AlarmWebhook https://…`
if (stage.alarmWebhook) {
  const endpoint = new sst.Secret("AlarmWebhook").value;
  new aws.sns.TopicSubscription("AlarmsToWebhook", { topic: topic.arn, protocol: "https", endpoint });
}

if (stage.monthlyBudget) {
  const notification = {
    comparisonOperator: "GREATER_THAN",
    thresholdType: "PERCENTAGE",
    subscriberSnsTopicArns: [topic.arn],
  };
  new aws.budgets.Budget(
    "Budget",
    {
      // The whole account's: a budget of one app's tags is silent until somebody activates the tags for billing.
      name: `${stage.prefix}-account`,
      budgetType: "COST",
      timeUnit: "MONTHLY",
      limitUnit: "USD",
      limitAmount: String(stage.monthlyBudget),
      notifications: [
        { ...notification, notificationType: "ACTUAL", threshold: 80 },
        { ...notification, notificationType: "FORECASTED", threshold: 100 },
      ],
    },
    { dependsOn: policy },
  );
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
