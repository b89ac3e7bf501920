import { randomUUID } from "node:crypto";
import { SqsError } from "./errors.ts";

/** The attributes of a queue that can be set, with their defaults and bounds. */
export const NUMBERS = {
  DelaySeconds: { default: 0, min: 0, max: 900 },
  MaximumMessageSize: { default: 1_048_576, min: 1024, max: 1_048_576 },
  MessageRetentionPeriod: { default: 345_600, min: 60, max: 1_209_600 },
  ReceiveMessageWaitTimeSeconds: { default: 0, min: 0, max: 20 },
  VisibilityTimeout: { default: 30, min: 0, max: 43_200 },
} as const;

export type NumberName = keyof typeof NUMBERS;

export interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string;
}

export interface Message {
  id: string;
  body: string;
  attributes: Record<string, MessageAttribute>;
  sentAt: number;
  /** When it can be received. Until then, it is delayed or in flight. */
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
  deadLetterSource?: string;
}

/** Called when a message is sent to a queue, received from it, and deleted. A dead letter is sent to its queue. */
export type Watch = (
  step: "sent" | "received" | "deleted",
  message: Readonly<Message>,
  queue: string,
) => void;

export interface Redrive {
  queue: Queue;
  maxReceiveCount: number;
}

/** A standard queue in memory: its messages are lost when the process ends. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly created = Date.now();
  modified = Date.now();
  readonly numbers: Record<NumberName, number>;
  redrivePolicy: string | undefined;
  redrive: Redrive | undefined;
  readonly #watch: Watch;
  readonly #messages = new Map<string, Message>();
  readonly #waiting = new Set<() => void>();

  constructor(name: string, arn: string, watch: Watch = () => {}) {
    this.name = name;
    this.arn = arn;
    this.#watch = watch;
    this.numbers = Object.fromEntries(
      Object.entries(NUMBERS).map(([attribute, bounds]) => [attribute, bounds.default]),
    ) as Record<NumberName, number>;
  }

  send(
    body: string,
    attributes: Message["attributes"] = {},
    delaySeconds = this.numbers.DelaySeconds,
  ): Message {
    const now = Date.now();
    const visibleAt = now + delaySeconds * 1000;
    const message = { id: randomUUID(), body, attributes, sentAt: now, visibleAt, receiveCount: 0 };
    this.#add(message);
    return message;
  }

  /** Waits up to `waitSeconds` for a first message. `signal` ends the wait if the client disconnects. */
  async receive(
    count: number,
    waitSeconds: number,
    visibilitySeconds: number,
    signal: AbortSignal,
  ): Promise<Message[]> {
    const deadline = Date.now() + waitSeconds * 1000;
    for (;;) {
      if (signal.aborted) return [];
      const messages = this.#take(count, visibilitySeconds);
      if (messages.length > 0 || Date.now() >= deadline) return messages;
      await this.#wait(deadline, signal);
    }
  }

  delete(receiptHandle: string): void {
    const { id, receiveCount } = parseHandle(receiptHandle);
    const message = this.#messages.get(id);
    if (message?.receiveCount !== receiveCount) return;
    this.#messages.delete(id);
    this.#watch("deleted", message, this.name);
  }

  changeVisibility(receiptHandle: string, seconds: number): void {
    const { id, receiveCount } = parseHandle(receiptHandle);
    const message = this.#messages.get(id);
    if (!message || message.receiveCount !== receiveCount || message.visibleAt <= Date.now()) {
      throw new SqsError("MessageNotInflight", "The message referred to is not in flight.");
    }
    message.visibleAt = Date.now() + seconds * 1000;
    this.#wake();
  }

  purge(): void {
    for (const message of this.#messages.values()) this.#watch("deleted", message, this.name);
    this.#messages.clear();
  }

  /** The number of messages that can be received, that are in flight, and that are delayed. */
  count(): { visible: number; notVisible: number; delayed: number } {
    this.#expire();
    const now = Date.now();
    const messages = [...this.#messages.values()];
    const hidden = messages.filter(({ visibleAt }) => visibleAt > now);
    const delayed = hidden.filter(({ receiveCount }) => receiveCount === 0).length;
    return { visible: messages.length - hidden.length, notVisible: hidden.length - delayed, delayed };
  }

  #add(message: Message): void {
    this.#messages.set(message.id, message);
    this.#watch("sent", message, this.name);
    this.#wake();
  }

  #take(count: number, visibilitySeconds: number): Message[] {
    this.#expire();
    const now = Date.now();
    const taken: Message[] = [];
    for (const message of this.#messages.values()) {
      if (taken.length === count) break;
      if (message.visibleAt > now || this.#buried(message)) continue;
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      message.visibleAt = now + visibilitySeconds * 1000;
      taken.push(message);
      this.#watch("received", message, this.name);
    }
    return taken;
  }

  // SQS moves a message when it would be received once too often, not when its last timeout ends.
  #buried(message: Message): boolean {
    if (!this.redrive || message.receiveCount < this.redrive.maxReceiveCount) return false;
    this.#messages.delete(message.id);
    this.redrive.queue.#add({ ...message, visibleAt: Date.now(), deadLetterSource: this.arn });
    return true;
  }

  #expire(): void {
    const oldest = Date.now() - this.numbers.MessageRetentionPeriod * 1000;
    for (const message of this.#messages.values()) {
      if (message.sentAt < oldest) this.#messages.delete(message.id);
    }
  }

  /** Waits until a message may have become visible, or until the deadline. */
  async #wait(deadline: number, signal: AbortSignal): Promise<void> {
    const due = [...this.#messages.values()].reduce((at, { visibleAt }) => Math.min(at, visibleAt), deadline);
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(1, due - Date.now()));
      signal.addEventListener("abort", done);
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }
}

/** The handle of one receipt of a message. It no longer works once the message is received again. */
export function receiptHandle({ id, receiveCount }: Message): string {
  return Buffer.from(`${id}:${receiveCount}`).toString("base64");
}

function parseHandle(handle: string): { id: string; receiveCount: number } {
  const [, id, receiveCount] = /^([\w-]+):(\d+)$/.exec(Buffer.from(handle, "base64").toString()) ?? [];
  if (id !== undefined) return { id, receiveCount: Number(receiveCount) };
  throw new SqsError(
    "ReceiptHandleIsInvalid",
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
  );
}
