import { prefix } from "./names.ts";
import { readStage } from "./stage.ts";
import { policy, topic } from "./topic.ts";

const stage = readStage($app.stage);

if (stage.monthlyBudget) {
  const notification = {
    comparisonOperator: "GREATER_THAN",
    thresholdType: "PERCENTAGE",
    subscriberSnsTopicArns: [topic.arn],
  };
  new aws.budgets.Budget(
    "Budget",
    {
      // The budget is for the whole account: one by tags would report nothing until the tags are activated for billing.
      name: $interpolate`${prefix}-account`,
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
