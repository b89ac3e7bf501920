import type { Config } from "@thumbsmith/shared";
import type { Call } from "./call.ts";

/** A call for a look at a key. */
export interface Message {
  key: string;
}

/** One that looks at a key. */
export interface Handler {
  message: Message;
  config: Config;
  /** Index of the config. */
  epoch: number;
  /** What it waits for. */
  calls: Call[];
  beganAt: number;
  /** When it last read the source's bytes, and whether there were any. */
  readAt: number;
  isSourceThere?: boolean;
  /** The ETag of each output that it wrote. */
  wrote: Map<string, string>;
}
