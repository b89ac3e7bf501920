import { SqsError } from "./errors.ts";
import { type Input, invalid, parseInteger } from "./input.ts";
import * as messages from "./messages.ts";
import { NUMBERS, type NumberName, Queue, type Redrive, type Watch } from "./queue.ts";

/** The queues of a server, and the current request. */
export interface SqsContext {
  queues: Map<string, Queue>;
  arnPrefix: string;
  urlPrefix: string;
  signal: AbortSignal;
  watch?: Watch | undefined;
}

type Handler = (input: Input, context: SqsContext) => unknown;

const onQueue =
  (handler: (queue: Queue, input: Input, context: SqsContext) => unknown): Handler =>
  (input, context) =>
    handler(queueOf(input, context), input, context);

const OPERATIONS: Record<string, Handler> = {
  CreateQueue: createQueue,
  DeleteQueue: onQueue((queue, _input, { queues }) => void queues.delete(queue.name)),
  GetQueueUrl: (input, context) => ({
    QueueUrl: urlOf(queueNamed(input.text("QueueName"), context), context),
  }),
  ListQueues: listQueues,
  GetQueueAttributes: onQueue(getQueueAttributes),
  SetQueueAttributes: onQueue((queue, input, context) =>
    setAttributes(queue, input.members("Attributes"), context),
  ),
  PurgeQueue: onQueue((queue) => queue.purge()),
  SendMessage: onQueue(messages.sendMessage),
  SendMessageBatch: onQueue(messages.sendMessageBatch),
  ReceiveMessage: onQueue((queue, input, { signal }) => messages.receiveMessage(queue, input, signal)),
  DeleteMessage: onQueue((queue, input) => queue.delete(input.text("ReceiptHandle"))),
  DeleteMessageBatch: onQueue(messages.deleteMessageBatch),
  ChangeMessageVisibility: onQueue(messages.changeMessageVisibility),
  ChangeMessageVisibilityBatch: onQueue(messages.changeMessageVisibilityBatch),
};

/** Runs an operation of SQS's JSON protocol. */
export async function handleSqs(operation: string, input: Input, context: SqsContext): Promise<unknown> {
  const handler = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (!handler) {
    throw new SqsError("UnsupportedOperation", `This local server does not implement ${operation}.`);
  }
  return (await handler(input, context)) ?? {};
}

function createQueue(input: Input, context: SqsContext): unknown {
  const name = input.text("QueueName");
  if (name.endsWith(".fifo")) {
    throw new SqsError("UnsupportedOperation", "This local server does not implement FIFO queues.");
  }
  if (!/^[\w-]{1,80}$/.test(name)) {
    throw invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.");
  }
  const queue = new Queue(name, `${context.arnPrefix}:${name}`, context.watch);
  setAttributes(queue, input.members("Attributes"), context);
  const present = context.queues.get(name);
  const same = (attribute: NumberName) => present?.numbers[attribute] === queue.numbers[attribute];
  if (present && !(Object.keys(NUMBERS) as NumberName[]).every(same)) {
    throw new SqsError(
      "QueueNameExists",
      "A queue already exists with the same name and different attributes.",
    );
  }
  if (!present) context.queues.set(name, queue);
  return { QueueUrl: urlOf(queue, context) };
}

function listQueues(input: Input, context: SqsContext): unknown {
  const prefix = input.optionalText("QueueNamePrefix") ?? "";
  const queues = [...context.queues.values()].filter(({ name }) => name.startsWith(prefix));
  return queues.length > 0 ? { QueueUrls: queues.map((queue) => urlOf(queue, context)) } : {};
}

function getQueueAttributes(queue: Queue, input: Input): unknown {
  const { visible, notVisible, delayed } = queue.count();
  const seconds = (time: number) => String(Math.floor(time / 1000));
  const all: Record<string, string | undefined> = {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(notVisible),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: seconds(queue.created),
    LastModifiedTimestamp: seconds(queue.modified),
    RedrivePolicy: queue.redrivePolicy,
    ...Object.fromEntries(Object.entries(queue.numbers).map(([name, value]) => [name, String(value)])),
  };
  const names = input.texts("AttributeNames");
  const unknown = names.find((name) => name !== "All" && name !== "RedrivePolicy" && all[name] === undefined);
  if (unknown !== undefined) throw new SqsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  const asked = Object.entries(all).filter(
    ([name, value]) => value !== undefined && (names.includes("All") || names.includes(name)),
  );
  return asked.length > 0 ? { Attributes: Object.fromEntries(asked) } : {};
}

function setAttributes(queue: Queue, attributes: Record<string, unknown>, context: SqsContext): void {
  const numbers: Partial<Record<NumberName, number>> = {};
  let redrive: { policy: string | undefined; target: Redrive | undefined } | undefined;
  for (const [name, value] of Object.entries(attributes)) {
    if (isNumberName(name)) numbers[name] = parseInteger(name, value, NUMBERS[name]);
    else if (name === "RedrivePolicy") redrive = parseRedrive(String(value), context);
    else
      throw new SqsError(
        "InvalidAttributeName",
        `This local server does not implement the attribute ${name}.`,
      );
  }
  Object.assign(queue.numbers, numbers);
  if (redrive) {
    queue.redrivePolicy = redrive.policy;
    queue.redrive = redrive.target;
  }
  queue.modified = Date.now();
}

function parseRedrive(policy: string, { queues }: SqsContext) {
  if (policy === "") return { policy: undefined, target: undefined };
  let fields: Record<string, unknown>;
  try {
    fields = { ...JSON.parse(policy) };
  } catch {
    throw invalid(
      `Value ${policy} for parameter RedrivePolicy is invalid. Reason: Redrive policy is not a valid JSON map.`,
    );
  }
  const queue = [...queues.values()].find(({ arn }) => arn === fields.deadLetterTargetArn);
  if (!queue) {
    throw invalid(
      `Value ${policy} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`,
    );
  }
  const maxReceiveCount = parseInteger("maxReceiveCount", fields.maxReceiveCount, { min: 1, max: 1000 });
  return { policy, target: { queue, maxReceiveCount } };
}

function queueOf(input: Input, context: SqsContext): Queue {
  return queueNamed(input.text("QueueUrl").split("/").at(-1) ?? "", context);
}

function queueNamed(name: string, { queues }: SqsContext): Queue {
  const queue = queues.get(name);
  if (queue) return queue;
  throw new SqsError("QueueDoesNotExist", "The specified queue does not exist.");
}

function urlOf({ name }: Queue, { urlPrefix }: SqsContext): string {
  return `${urlPrefix}/${name}`;
}

function isNumberName(name: string): name is NumberName {
  return Object.hasOwn(NUMBERS, name);
}
