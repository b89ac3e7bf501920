import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod/mini";
import type { Target } from "../deployment/target.ts";
import { parseFile, writeWhole } from "../terminal/files.ts";
import { whereTyped } from "../terminal/where-typed.ts";
import type { Lane } from "./lanes.ts";
import { NO_WORK, Work } from "./work.ts";

const FOLDER = fileURLToPath(new URL("../../../../.thumbsmith", import.meta.url));
/** The shortest time between two writes. */
const WRITE_INTERVAL_MS = 1_000;

const Checkpoint = z.object({
  /** Identifies the run: see {@link nameOf}. */
  of: z.string(),
  looked: z.number(),
  sent: z.number(),
  unaccepted: z._default(z.number(), 0),
  work: z._default(Work, NO_WORK),
  lanes: z.array(
    z.object({
      prefix: z.string(),
      after: z.string(),
      until: z.optional(z.string()),
      done: z.boolean(),
    }),
  ),
});

/** The progress of a backfill. Lanes are updated in place, and saved as they are. */
export interface Checkpoint extends z.infer<typeof Checkpoint> {
  lanes: Lane[];
}

/** @param typed the file that the user chose */
export function fileOf({ uploadsBucket }: Target, typed?: string): string {
  return typed ? resolve(whereTyped(), typed) : join(FOLDER, `backfill-${uploadsBucket}.json`);
}

/** Identifies a run: with another configuration, other keys are stale. */
export function nameOf({ uploadsBucket, config }: Target, options: object): string {
  return createHash("sha256")
    .update(JSON.stringify([uploadsBucket, config.rules, config.limits, options]))
    .digest("hex");
}

/** @returns undefined if there is none, or if it belongs to another run */
export async function readCheckpoint(file: string, of: string): Promise<Checkpoint | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const checkpoint = parseFile(Checkpoint, text, file);
  return checkpoint.of === of ? checkpoint : undefined;
}

/** Writes at most once a second, one write at a time. An interrupted write leaves the previous file. */
export function keepCheckpoint(file: string, checkpoint: Checkpoint) {
  let last = 0;
  let writing = Promise.resolve();
  const write = () => {
    last = Date.now();
    writing = writing.then(() => writeWhole(file, Buffer.from(JSON.stringify(checkpoint))));
    return writing;
  };
  return {
    async note() {
      if (Date.now() - last >= WRITE_INTERVAL_MS) await write();
    },
    async end(isComplete: boolean) {
      await write();
      if (isComplete) await rm(file, { force: true });
    },
  };
}
