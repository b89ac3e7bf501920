import { confirm, isCancel } from "@clack/prompts";

/**
 * Asks before a step that cannot be undone, or that costs money.
 * @throws Error if there is no terminal to ask on
 */
export async function agreed(question: string, { yes }: { yes?: boolean }): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY)
    throw new Error(
      `${question} There is no terminal to ask on. Pass --yes, or --dry-run to see what it would do.`,
    );
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr });
  return !isCancel(answer) && answer;
}
