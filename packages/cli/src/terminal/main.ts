import { CommanderError } from "commander";
import { printableLines } from "./printable.ts";

// The pinned SDK works on Node 20; that later ones will not is for the upgrade to say.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/**
 * Runs a command: its result is the exit code, an error is a plain sentence and the exit code 2. Ctrl-C lets it end
 * in its own way; a second one does not wait.
 */
export async function main(command: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const interruption = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (interruption.signal.aborted) process.exit(130);
      interruption.abort();
    });
  }
  // `pnpm demo | head` closes the pipe early; that is the reader's choice, not an error.
  process.stdout.on("error", () => process.exit(0));
  try {
    process.exitCode = await command(interruption.signal);
  } catch (error) {
    // Commander has said what it had to say: help was asked for, or the command line is wrong.
    if (!(error instanceof CommanderError)) console.error(printableLines(sentence(error)));
    process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
  }
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env.THUMBSMITH_DEBUG) return error.stack ?? error.message;
  return error.message;
}
