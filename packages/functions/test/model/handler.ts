import type { Config } from "@thumbsmith/shared";
import type { Call } from "./call.ts";

/** A message that asks to reconcile a key. */
export interface Message {
  key: string;
}

/** A handler that reconciles a key. */
export interface Handler {
  message: Message;
  config: Config;
  /** Index of its config. */
  epoch: number;
  /** The calls that it waits for. */
  calls: Call[];
  beganAt: number;
  /** When it last read the source, and whether it existed. */
  readAt: number;
  isSourceThere?: boolean;
  /** The ETag of each output that it wrote. */
  wrote: Map<string, string>;
}
