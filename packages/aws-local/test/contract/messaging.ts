import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  type SendMessageCommandInput,
} from "@aws-sdk/client-sqs";
import type { Endpoint, Queue } from "./endpoint.ts";

/** Helpers to send to a queue, to receive from it, and to count its messages. */
export function messaging({ sqs }: Endpoint) {
  async function receive(
    { url }: Queue,
    options: Partial<ReceiveMessageCommandInput> = {},
  ): Promise<Message[]> {
    const command = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, ...options });
    return (await sqs.send(command)).Messages ?? [];
  }

  return {
    receive,

    /** Receives one message, without waiting. */
    async receiveOne(queue: Queue, options: Partial<ReceiveMessageCommandInput> = {}): Promise<Message> {
      const [message] = await receive(queue, { MaxNumberOfMessages: 1, WaitTimeSeconds: 1, ...options });
      if (!message) throw new Error("Expected a message but received none.");
      return message;
    },

    send: ({ url }: Queue, MessageBody: string, options: Partial<SendMessageCommandInput> = {}) =>
      sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody, ...options })),

    remove: ({ url }: Queue, { ReceiptHandle }: Message) =>
      sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle })),

    async attributes({ url }: Queue): Promise<Record<string, string>> {
      const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] });
      return (await sqs.send(command)).Attributes ?? {};
    },
  };
}

export const bodies = (messages: Message[]) => messages.map(({ Body }) => Body).toSorted();
