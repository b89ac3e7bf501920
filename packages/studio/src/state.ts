import type { Message, Watch } from "@thumbsmith/aws-local";
import type { Report } from "@thumbsmith/functions";
import { QUEUES } from "@thumbsmith/local";
import { acceptedSuffixes, type Config, type Job } from "@thumbsmith/shared";
import { endOf, readMessage } from "./deliveries.ts";
import { applyReport, reasonOf, uploadedSource } from "./sources.ts";
import {
  type Change,
  type ConfigView,
  type DeadLetter,
  type Delivery,
  KNOWN_SOURCES,
  MOST_DELIVERIES,
  MOST_SOURCES,
  type Reason,
  type Source,
  type View,
} from "./view.ts";

interface Upload {
  sequencer: string;
  /** The message that reported it. */
  body: string;
}

const UNKNOWN: Reason = reasonOf({ code: "internal", message: "The function gave no reason." });

/** What the studio knows about the pipeline. The queues and the function report to it, and it informs the pages. */
export class State {
  /** The rules in use. */
  rules: Config["rules"];
  #config: ConfigView;
  readonly #sources = new Map<string, Source>();
  /** The last upload of each key that an event reported. */
  readonly #uploads = new Map<string, Upload>();
  readonly #deliveries = new Map<string, Delivery>();
  /** Why the last attempt at a message failed. */
  readonly #reasons = new Map<string, Reason>();
  readonly #deadLetters = new Map<string, DeadLetter>();
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(config: Config, file: string) {
    this.rules = config.rules;
    this.#config = { file, rules: rulesOf(config) };
  }

  view(): View {
    const sources = [...this.#sources.values()].filter(({ status }) => status !== "deleted").reverse();
    return {
      config: this.#config,
      sources: sources.slice(0, MOST_SOURCES),
      deliveries: [...this.#deliveries.values()].reverse(),
      deadLetters: [...this.#deadLetters.values()],
    };
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * This configuration is in use now, and every source is about to be checked.
   * @param listed what was in the buckets before, oldest first; sources that events have reported since are newer
   */
  configure(config: Config, listed: readonly Source[]): void {
    this.rules = config.rules;
    this.#config = { file: this.#config.file, rules: rulesOf(config) };
    const reported = [...this.#sources.values()];
    for (const source of reported) if (source.status !== "deleted") source.status = "waiting";
    this.#sources.clear();
    for (const source of [...listed, ...reported]) keep(this.#sources, source.key, source, KNOWN_SOURCES);
    this.#publish({ type: "view", view: this.view() });
  }

  /** The saved configuration is invalid, so the previous one stays in use. */
  refuseConfig(error: string): void {
    this.#config = { ...this.#config, error };
    this.#publish({ type: "config", config: this.#config });
  }

  /** The message that reported the newest upload of a key, if it came while the studio ran. */
  uploadEvent(key: string): string | undefined {
    return this.#uploads.get(key)?.body;
  }

  /** For the queues. */
  readonly watch: Watch = (step, message, queue) => {
    if (queue === QUEUES.deadLetters) this.#onDeadLetter(step, message);
    else if (step === "sent") this.#onSent(message);
    else if (step === "received")
      this.#advance(message.id, { stage: "attempt", attempts: message.receiveCount });
    else {
      this.#reasons.delete(message.id);
      this.#advance(message.id, { stage: "answered" });
    }
  };

  /** For the function. */
  report(report: Report, messages: readonly string[]): void {
    const { key } = report.job;
    for (const id of messages) {
      const delivery = this.#deliveries.get(id);
      if (!delivery || !(key ? delivery.keys.includes(key) : delivery.keys.length === 0)) continue;
      const { error } = report;
      if (error) this.#reasons.set(id, reasonOf(error));
      // A message that became visible before its attempt ended belongs to the next attempt now.
      const again = error?.kind === "failed" && delivery.stage === "attempt";
      this.#advance(id, { end: endOf(report), stage: again ? "waiting" : delivery.stage });
    }
    const source = this.#sources.get(key);
    if (!source) return;
    applyReport(source, report);
    this.#publish({ type: "source", source });
  }

  #onSent(message: Readonly<Message>): void {
    const read = readMessage(message);
    if (!read) return;
    keep(this.#deliveries, message.id, read.delivery, MOST_DELIVERIES);
    this.#publish({ type: "delivery", delivery: read.delivery });
    for (const job of read.jobs) this.#onEvent(job, message.body);
  }

  /** Ignores an event that comes late or twice: S3's sequencers order the events of a key. */
  #onEvent(job: Job, body: string): void {
    const { key, event, sequencer } = job;
    const last = this.#uploads.get(key);
    if (!event.startsWith("ObjectCreated:") || !sequencer || (last && sequencer <= last.sequencer)) return;
    keep(this.#uploads, key, { sequencer, body }, KNOWN_SOURCES);
    const source = { ...uploadedSource(job), thumbHash: this.#sources.get(key)?.thumbHash };
    keep(this.#sources, key, source, KNOWN_SOURCES);
    this.#publish({ type: "source", source });
  }

  #advance(id: string, change: Partial<Delivery>): void {
    const delivery = this.#deliveries.get(id);
    if (!delivery) return;
    Object.assign(delivery, change);
    this.#publish({ type: "delivery", delivery });
  }

  #onDeadLetter(step: "sent" | "received" | "deleted", message: Readonly<Message>): void {
    const { id, receiveCount: attempts } = message;
    if (step === "received") return;
    if (step === "sent") {
      this.#advance(id, { stage: "dead" });
      const { keys = [], event = "" } = readMessage(message)?.delivery ?? {};
      this.#deadLetters.set(id, { id, keys, event, attempts, reason: this.#reasons.get(id) ?? UNKNOWN });
    } else this.#deadLetters.delete(id);
    this.#reasons.delete(id);
    this.#publish({ type: "deadLetters", deadLetters: [...this.#deadLetters.values()] });
  }

  #publish(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** Sets the newest entry, and drops the oldest if there are more than `most`. */
function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}

function rulesOf({ rules }: Config): ConfigView["rules"] {
  return rules.map(({ variants, ...rule }) => ({
    prefix: rule.prefix,
    suffixes:
      rule.names === "any" ? [] : [...new Set(acceptedSuffixes(rule).map((suffix) => suffix.toLowerCase()))],
    variants: variants.map(({ prefix, width, height, fit, withoutEnlargement }) => ({
      ...{ prefix, width, height, fit, withoutEnlargement },
    })),
  }));
}
