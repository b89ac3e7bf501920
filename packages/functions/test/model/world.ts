import { type Config, MANIFEST_PREFIX, ThumbsmithError } from "@thumbsmith/shared";
import { reconcile } from "../../src/sync/reconcile.ts";
import type { Expected } from "../../src/sync/store.ts";
import { type Etags, MemoryBucket } from "./bucket.ts";
import { answer, attempt, type Call, type Fault } from "./call.ts";
import { asWritten } from "./configs.ts";
import type { Handler, Message } from "./handler.ts";
import { isLost } from "./kept.ts";
import { Ledger, outputsIn, recordedSources } from "./ledger.ts";
import { choose, without } from "./pick.ts";
import { makePictures } from "./pictures.ts";
import { dice, rest, tick } from "./time.ts";
import { type Witness, waitingStore } from "./waiting-store.ts";

/** The most calls until everything has finished, once there are no more faults. */
const ENOUGH_CALLS = 5_000;

/**
 * Two buckets, a queue, and handlers that are advanced step by step. It guarantees what AWS and a deployment do:
 * - a change of a source sends a message, and a message that is not acknowledged comes back;
 * - a write that is in flight lands before its message comes back, which the visibility timeout is for;
 * - after a change of the config, all keys are reconciled, once the handlers with the old one have ended and their writes
 *   have landed.
 */
export class World {
  readonly uploads: MemoryBucket;
  readonly thumbnails: MemoryBucket;
  readonly ledger = new Ledger();
  /** Every config that was ever deployed, the current one last. */
  readonly configs: Config[];
  /** How often a handler tried to write. */
  attempts = 0;
  /** What must not happen at any time. */
  readonly surprises: string[] = [];

  readonly etags: Etags;
  readonly #sent: string[] = [];
  #waiting: Message[] = [];
  #handlers: Handler[] = [];
  #late: { message: Message; epoch: number; run: () => unknown }[] = [];
  #hasJobsToSend = false;
  #now = 0;

  constructor(etags: Etags, config: Config) {
    this.etags = etags;
    this.uploads = new MemoryBucket(etags);
    this.thumbnails = new MemoryBucket(etags);
    this.configs = [config];
  }

  get config(): Config {
    const config = this.configs.at(-1);
    if (!config) throw new Error("Expected a world to begin with a config.");
    return config;
  }

  send(key: string): void {
    this.#sent.push(key);
    this.#waiting.push({ key });
  }

  /** Sends a message again, whether it was handled or not. */
  duplicate(pick: number): void {
    const key = choose(this.#sent, pick);
    if (key) this.send(key);
  }

  /** Sends a message of every key that ever had one. */
  sendAllAgain(): void {
    for (const key of new Set(this.#sent)) this.send(key);
  }

  configure(config: Config): void {
    this.configs.push(config);
    this.#hasJobsToSend = true;
    this.#sendJobs();
  }

  deliver(pick: number): void {
    const message = choose(this.#deliverable(), pick);
    if (!message) return;
    this.#waiting = without(this.#waiting, message);
    const { config } = this;
    const epoch = this.configs.length - 1;
    const began = { calls: [], beganAt: this.#now, readAt: 0, wrote: new Map() };
    const handler: Handler = { message, config, epoch, ...began };
    this.#handlers.push(handler);
    this.#begin(handler).then(
      () => {
        this.ledger.noteReconciled(message.key, config, handler.beganAt);
        this.#end(handler);
      },
      (error) => {
        if (!isExpected(error)) this.surprises.push(String(error));
        this.#waiting.push(message);
        this.#end(handler);
      },
    );
  }

  /** Answers this many calls of one handler, or fewer if it ends before. */
  async proceed(pick: number, calls: number): Promise<void> {
    const handler = choose(this.#handlers, pick);
    for (let call = 0; handler && call < calls; call++) {
      this.#answer(handler, 0);
      await rest();
    }
  }

  /** Answers one of the calls that a handler waits for. */
  answer(pick: number, which: number, fault?: Fault): void {
    const handler = choose(this.#handlers, pick);
    if (handler) this.#answer(handler, which, fault);
  }

  /** Stops a handler. Its calls in flight are lost, or land late. */
  crash(pick: number, inFlight: "lost" | "late"): void {
    const handler = choose(this.#handlers, pick);
    if (!handler) return;
    if (inFlight === "lost") handler.calls = [];
    this.#waiting.push(handler.message);
    this.#end(handler);
  }

  /** Lets a late write take effect. */
  land(pick: number): void {
    const write = choose(this.#late, pick);
    if (!write) return;
    this.#late = without(this.#late, write);
    attempt(write.run);
    this.#sendJobs();
  }

  /** Finishes everything without more faults. Late writes land as late as possible. */
  async drain(): Promise<void> {
    await this.#rush();
    while (this.#late.length > 0) {
      this.land(0);
      await this.#rush();
    }
  }

  /** Finishes everything except one handler and the late writes, which are paused. */
  async overtake(pick: number): Promise<void> {
    await this.#rush(choose(this.#handlers, pick));
  }

  async #rush(still?: Handler): Promise<void> {
    const roll = dice();
    for (let calls = 0; calls < ENOUGH_CALLS; calls++) {
      if (this.#handlers.length < 4) this.deliver(roll());
      const handler = choose(without(this.#handlers, still), roll());
      if (handler) this.#answer(handler, roll());
      else if (this.#deliverable().length === 0) return;
      await rest();
    }
    this.surprises.push("It does not end.");
  }

  #deliverable(): Message[] {
    return this.#waiting.filter((message) => !this.#late.some((write) => write.message === message));
  }

  #begin(handler: Handler) {
    const wait = (call: Call) => {
      if (call.isWrite) this.attempts++;
      handler.calls.push(call);
    };
    const read: Witness["read"] = (found) => {
      handler.readAt = this.#now;
      handler.isSourceThere = found !== undefined;
    };
    const removed: Witness["removed"] = (key, before) => {
      if (!handler.isSourceThere && isLost(key, before, handler, this))
        this.surprises.push(`${key} was removed, but its rule keeps it.`);
    };
    const put: Witness["put"] = (key, etag, body, expected) => {
      if (key.startsWith(MANIFEST_PREFIX)) this.#noteManifest(body, handler);
      else this.#noteOutput(key, etag, expected, handler);
    };
    return reconcile(handler.message.key, {
      config: handler.config,
      uploads: waitingStore(this.uploads, wait, { read }),
      thumbnails: waitingStore(this.thumbnails, wait, {
        put,
        removed,
        asWritten: (body) => asWritten(body, handler.config),
      }),
      thumbnail: makePictures,
    });
  }

  #answer(handler: Handler, which: number, fault?: Fault): void {
    const call = choose(handler.calls, which);
    if (!call) return;
    this.#now++;
    tick();
    handler.calls = without(handler.calls, call);
    if (fault === "late" && call.isWrite)
      this.#late.push({ message: handler.message, epoch: handler.epoch, run: call.run });
    answer(call, fault);
  }

  #end(handler: Handler): void {
    const { message, epoch, calls } = handler;
    this.#handlers = without(this.#handlers, handler);
    this.#late.push(...calls.filter(({ isWrite }) => isWrite).map(({ run }) => ({ message, epoch, run })));
    this.#sendJobs();
  }

  #sendJobs(): void {
    if (!this.#hasJobsToSend) return;
    const isUnderWay = ({ epoch }: { epoch: number }) => epoch < this.configs.length - 1;
    if (this.#handlers.some(isUnderWay) || this.#late.some(isUnderWay)) return;
    this.#hasJobsToSend = false;
    for (const key of new Set([...this.uploads.keys(), ...recordedSources(this.thumbnails)])) this.send(key);
  }

  /**
   * Checks that a handler that overwrites an output has read the source after that output was written, so an output is
   * never replaced by an older one, not even for a moment. With equal ETags for equal bytes, or for a key that was empty
   * twice, this cannot be told.
   */
  #noteOutput(key: string, etag: string, expected: Expected, handler: Handler): void {
    const { message, epoch, readAt, wrote } = handler;
    wrote.set(key, etag);
    const writtenAt = this.#now;
    const before = this.ledger.noteOutput({ key, etag, source: message.key, epoch, writtenAt });
    const canTell = this.etags === "unique" && expected !== "absent";
    if (canTell && readAt < before) this.surprises.push(`${key} went back in time.`);
  }

  /** Checks that a manifest is written after its outputs: just now, or earlier if they did not change. */
  #noteManifest(body: Uint8Array, { wrote }: Handler): void {
    const isThere = (output: { key: string; etag: string }) =>
      wrote.get(output.key) === output.etag || this.ledger.recordedAt(output) < this.#now;
    const missing = outputsIn(body).filter((output) => !isThere(output));
    this.surprises.push(...missing.map(({ key }) => `A manifest came before ${key}.`));
    this.ledger.noteManifest(body, this.#now);
  }
}

function isExpected(error: unknown): boolean {
  return error instanceof ThumbsmithError && ["throttled", "network", "contended"].includes(error.code);
}
