import { keyPolicy, sourceAccount } from "./encryption.ts";
import { readStage } from "./stage.ts";

const stage = readStage($app.stage);

const publish = { actions: ["kms:GenerateDataKey*", "kms:Decrypt"], condition: sourceAccount };

/** A key only for the alarms' topic: alarms must arrive even if the main key, which they report on, cannot be used. */
export const alarmKey = new aws.kms.Key(
  "AlarmKey",
  {
    description: `Alarms of ${stage.prefix}`,
    enableKeyRotation: true,
    deletionWindowInDays: stage.retained ? 30 : 7,
    policy: keyPolicy([
      { why: "AlarmsPublish", service: "cloudwatch.amazonaws.com", ...publish },
      {
        why: "BudgetsPublish",
        service: "budgets.amazonaws.com",
        ...publish,
        wanted: stage.monthlyBudget !== undefined,
      },
    ]),
  },
  { retainOnDelete: stage.retained },
);
