import { confirm, isCancel } from "@clack/prompts";

/**
 * Asks before what cannot be undone, or costs money.
 * @throws Error when there is nobody to ask
 */
export async function agreed(question: string, { yes }: { yes?: boolean }): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY)
    throw new Error(`${question} Nobody can be asked here: say --yes, or --dry-run to look.`);
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr });
  return !isCancel(answer) && answer;
}
