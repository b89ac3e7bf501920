import { type QueueAttributeName, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { attributesOf } from "../../../../packages/cli/src/verify/live.ts";
import { anything, type Sabotage } from "./sabotage.ts";

const attribute = (
  check: string,
  how: string,
  queue: "queueUrl" | "deadLetterQueueUrl",
  Attributes: Partial<Record<QueueAttributeName, string>>,
): Sabotage => ({
  check,
  how,
  async breakIt({ target, ...live }) {
    // moto drops the policy when another attribute is set.
    const { Policy = "" } = await attributesOf(target, live[queue]);
    const command = new SetQueueAttributesCommand({
      QueueUrl: live[queue],
      Attributes: { Policy, ...Attributes },
    });
    await target.sqs.send(command);
  },
});

export const queues: Sabotage[] = [
  attribute("queue.policy", "everyone may do everything", "queueUrl", { Policy: anything }),
  attribute("queue.policy", "the policy is deleted", "queueUrl", { Policy: "" }),
  attribute("queue.encryption", "it is not encrypted", "queueUrl", { KmsMasterKeyId: "" }),
  attribute("queue.retention", "messages are kept for a minute", "queueUrl", {
    MessageRetentionPeriod: "60",
  }),
  attribute("queue.visibility", "messages come back after a second", "queueUrl", { VisibilityTimeout: "1" }),
  attribute("queue.redrive", "there are no dead letters", "queueUrl", { RedrivePolicy: "" }),
  attribute("dead-letters.policy", "everyone may do everything", "deadLetterQueueUrl", { Policy: anything }),
  attribute("dead-letters.encryption", "another key encrypts", "deadLetterQueueUrl", {
    KmsMasterKeyId: "alias/aws/sqs",
  }),
  attribute("dead-letters.retention", "they are kept for four days", "deadLetterQueueUrl", {
    MessageRetentionPeriod: "345600",
  }),
];
