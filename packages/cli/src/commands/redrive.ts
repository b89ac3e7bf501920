import { DeleteMessageBatchCommand } from "@aws-sdk/client-sqs";
import { type DeadLetter, deadLetters, depth, putBack } from "../deployment/dead-letters.ts";
import { createSender, type Send } from "../deployment/sender.ts";
import { commandLine, type Target } from "../deployment/target.ts";
import { reasons } from "../failures/reasons.ts";
import type { Operation } from "../operation.ts";
import { agreed } from "../terminal/confirm.ts";
import { wholeNumber } from "../terminal/numbers.ts";
import { counted } from "../terminal/print.ts";
import { startProgress } from "../terminal/progress.ts";
import { codeOf } from "./failures.ts";

interface Options {
  code?: string;
  prefix?: string;
  rate: number;
  dryRun?: boolean;
  yes?: boolean;
}

export const redrive: Operation<Options> = {
  name: "redrive",
  description: "Retry dead letters: put them back into the queue. Each is deleted only once it is there.",
  examples: [
    "pnpm thumbsmith redrive --stage production",
    "pnpm thumbsmith redrive --stage production --code access-denied --rate 20",
    "pnpm thumbsmith redrive --stage production --prefix uploads/2026/ --dry-run",
  ],
  define: (command) =>
    command
      .option("--code <code>", "only dead letters with this code; see `failures`")
      .option("--prefix <prefix>", "only dead letters with a key under this prefix")
      .option("--rate <number>", "messages to send per second", wholeNumber, 50)
      .option("--dry-run", "count, without sending")
      .option("--yes", "skip the confirmation"),

  async run({ connect, options, signal }) {
    const target = await connect();
    const { waiting } = await depth(target, target.deadLetterQueueUrl);
    const question = `Retry up to ${counted(waiting, "dead letter")} of ${target.label}?`;
    if (waiting > 0 && !options.dryRun && !(await agreed(question, options))) {
      return { found: true, data: { matched: 0, sent: 0 }, text: "Nothing was sent." };
    }
    const known = options.code ? await reasons(target) : new Map<string, string>();
    const matches = (letter: DeadLetter) =>
      (!options.code || codeOf(letter, known) === options.code) &&
      (!options.prefix || letter.keys.some((key) => key.startsWith(options.prefix ?? "")));
    const counts = await sendThrough(target, { ...options, waiting, matches }, signal);
    return {
      found: counts.sent < counts.matched,
      data: counts,
      text: describe(counts, commandLine(target, "status"), options.dryRun),
    };
  },
};

interface Work {
  rate: number;
  dryRun?: boolean;
  waiting: number;
  matches: (letter: DeadLetter) => boolean;
}

/** Puts back what it did not send only at the end, so that a run sees no letter twice. */
async function sendThrough(target: Target, { rate, dryRun, waiting, matches }: Work, signal: AbortSignal) {
  const counts = { matched: 0, sent: 0, left: 0 };
  let left: DeadLetter[] = [];
  const send = createSender(target, rate, signal);
  const progress = startProgress("Retrying", waiting);
  try {
    for await (const letters of deadLetters(target, Number.POSITIVE_INFINITY)) {
      left.push(...letters);
      const wanted = letters.filter(matches);
      counts.matched += wanted.length;
      const gone = dryRun || signal.aborted ? [] : await move(target, wanted, send);
      counts.sent += gone.length;
      left = left.filter((letter) => !gone.includes(letter));
      for (const _ of letters) progress.tick();
      if (signal.aborted) break;
    }
  } finally {
    progress.stop();
    await putBack(target, left);
  }
  return { ...counts, left: left.length };
}

/** @returns the letters that are in the uploads queue now */
async function move(target: Target, letters: DeadLetter[], send: Send): Promise<DeadLetter[]> {
  if (letters.length === 0) return [];
  const arrived = await send(letters.map(({ body }) => body));
  const sent = letters.filter((_, i) => arrived[i]);
  const Entries = sent.map(({ receiptHandle }, i) => ({ Id: String(i), ReceiptHandle: receiptHandle }));
  if (Entries.length > 0) {
    await target.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: target.deadLetterQueueUrl, Entries }));
  }
  return sent;
}

function describe(
  { matched, sent, left }: { matched: number; sent: number; left: number },
  status: string,
  dryRun?: boolean,
) {
  if (matched === 0 && left === 0) return "No dead letters.";
  if (dryRun) return `${counted(matched, "dead letter")} would be retried, ${left - matched} would stay.`;
  return `${counted(sent, "dead letter")} back in the queue, ${left} left. Watch them: ${status}`;
}
