import { codes } from "@thumbsmith/shared";
import { type DeadLetter, deadLetters, depth, putBack } from "../deployment/dead-letters.ts";
import { commandLine } from "../deployment/target.ts";
import { reasons } from "../failures/reasons.ts";
import type { Operation } from "../operation.ts";
import { wholeNumber } from "../terminal/numbers.ts";
import { columns, counted, duration, listed } from "../terminal/print.ts";
import { startProgress } from "../terminal/progress.ts";

interface Group {
  code: string;
  meaning: string;
  messages: number;
  oldest: Date;
  keys: string[];
}

export const failures: Operation<{ limit: number }> = {
  name: "failures",
  description: "Show what is in the dead letters, grouped by error code, with keys.",
  examples: [
    "pnpm thumbsmith failures --stage production",
    "pnpm thumbsmith failures --stage production --json | jq -r '.groups[].keys[]'",
  ],
  define: (command) =>
    command.option("--limit <number>", "read at most this many messages", wholeNumber, 1_000),

  async run({ connect, options }) {
    const target = await connect();
    const total = await depth(target, target.deadLetterQueueUrl);
    const letters: DeadLetter[] = [];
    const progress = startProgress("Dead letters", Math.min(total.waiting, options.limit));
    try {
      for await (const some of deadLetters(target, options.limit)) {
        letters.push(...some);
        for (const _ of some) progress.tick();
      }
    } finally {
      progress.stop();
      await putBack(target, letters);
    }
    const known = letters.length > 0 ? await reasons(target) : new Map<string, string>();
    const fallback = target.deployed
      ? "The log has no line about these keys."
      : "The terminal of `pnpm local`, and its page, show the reason.";
    const groups = group(letters, known, fallback);
    return {
      found: letters.length > 0,
      data: { messages: letters.length, inHand: total.inHand, groups },
      text: describe(groups, letters.length, total.inHand, commandLine(target, "redrive")),
    };
  },
};

/** @param fallback what to print when no code is known */
function group(letters: DeadLetter[], known: Map<string, string>, fallback: string): Group[] {
  const groups = new Map<string, Group>();
  for (const letter of letters) {
    const code = codeOf(letter, known);
    const found = groups.get(code) ?? {
      code,
      meaning: code in codes ? codes[code as keyof typeof codes].meaning : fallback,
      messages: 0,
      oldest: letter.sent,
      keys: [],
    };
    found.messages += 1;
    if (letter.sent < found.oldest) found.oldest = letter.sent;
    found.keys.push(...letter.keys);
    groups.set(code, found);
  }
  return [...groups.values()].sort((a, b) => b.messages - a.messages);
}

/** What is wrong with the message itself, or the code that was logged for its keys. */
export function codeOf(letter: DeadLetter, known: Map<string, string>): string {
  const logged = letter.keys.flatMap((key) => known.get(key) ?? []);
  return letter.code ?? logged[0] ?? "unknown";
}

function describe(groups: Group[], messages: number, inHand: number, redrive: string): string {
  if (messages === 0) {
    const others =
      inHand > 0
        ? ` ${counted(inHand, "message")} ${inHand === 1 ? "is" : "are"} in flight: check again in 5 minutes.`
        : "";
    return `No dead letters.${others}`;
  }
  const rows = groups.map(({ code, messages, oldest, meaning }) => {
    const age = duration((Date.now() - oldest.getTime()) / 1_000);
    return [code, messages, age, meaning];
  });
  const keys = groups
    .filter((group) => group.keys.length > 0)
    .flatMap((group) => ["", ...listed(group.code, group.keys)]);
  const next = `\nOnce you have fixed the cause, retry them: ${redrive}`;
  return [columns(["code", "messages", "oldest", "meaning"], rows), ...keys, next].join("\n");
}
