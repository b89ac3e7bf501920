import { codes } from "@thumbsmith/shared";
import { type DeadLetter, deadLetters, depth, putBack } from "../dead-letters.ts";
import { wholeNumber } from "../numbers.ts";
import type { Operation } from "../operation.ts";
import { columns, counted } from "../print.ts";
import { reasons } from "../reasons.ts";

/** Keys of each code that are shown to a person. */
const SHOWN = 10;

interface Group {
  code: string;
  meaning: string;
  messages: number;
  oldest: Date;
  keys: string[];
}

export const failures: Operation<{ limit: number }> = {
  name: "failures",
  description: "Shows what failed for good and waits in the dead letters: grouped by its code, with keys.",
  examples: [
    "pnpm thumbsmith failures --stage production",
    "pnpm thumbsmith failures --stage production --json | jq -r '.groups[].keys[]'",
  ],
  define: (command) => command.option("--limit <number>", "the most messages to look at", wholeNumber, 1_000),

  async run({ connect, options }) {
    const target = await connect();
    const total = await depth(target, target.deadLetterQueueUrl);
    const letters: DeadLetter[] = [];
    try {
      for await (const some of deadLetters(target, options.limit)) letters.push(...some);
    } finally {
      await putBack(target, letters);
    }
    const known = letters.length > 0 ? await reasons(target) : new Map<string, string>();
    const groups = group(letters, known);
    return {
      found: letters.length > 0,
      data: { messages: letters.length, inHand: total.inHand, groups },
      text: describe(groups, letters.length, total.inHand),
    };
  },
};

function group(letters: DeadLetter[], known: Map<string, string>): Group[] {
  const groups = new Map<string, Group>();
  for (const letter of letters) {
    const code = codeOf(letter, known);
    const found = groups.get(code) ?? {
      code,
      meaning: code in codes ? codes[code as keyof typeof codes].meaning : "No line of the log names it.",
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

/** The message's own fault, or what the log says of its keys. */
export function codeOf(letter: DeadLetter, known: Map<string, string>): string {
  const logged = letter.keys.flatMap((key) => known.get(key) ?? []);
  return letter.code ?? logged[0] ?? "unknown";
}

function describe(groups: Group[], messages: number, inHand: number): string {
  if (messages === 0) {
    const others =
      inHand > 0 ? ` ${counted(inHand, "message")} are in somebody's hand: look again in 5 minutes.` : "";
    return `No dead letters.${others}`;
  }
  const rows = groups.map(({ code, messages, oldest, meaning }) => [code, messages, ago(oldest), meaning]);
  const keys = groups.flatMap(({ code, keys }) => [
    "",
    `${code}:`,
    ...keys.slice(0, SHOWN).map((key) => `  ${key}`),
    ...(keys.length > SHOWN ? [`  and ${keys.length - SHOWN} more: --json has all`] : []),
  ]);
  const next = "\nOnce the cause is gone, send them through again: pnpm thumbsmith redrive";
  return [columns(["code", "messages", "oldest", "meaning"], rows), ...keys, next].join("\n");
}

function ago(then: Date): string {
  const minutes = Math.round((Date.now() - then.getTime()) / 60_000);
  if (minutes < 120) return counted(minutes, "minute");
  return minutes < 48 * 60
    ? counted(Math.round(minutes / 60), "hour")
    : counted(Math.round(minutes / 1_440), "day");
}
