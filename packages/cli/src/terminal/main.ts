import { CommanderError } from "commander";
import { printableLines } from "./printable.ts";

// The pinned SDK works on Node 20. Whoever upgrades it will see that later ones do not.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/**
 * Runs a command. Its result is the exit code; an error prints a plain sentence and exits with 2. The first Ctrl-C lets
 * the command stop cleanly; a second one exits at once.
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
    // Commander has already printed the help, or what is wrong with the command line.
    if (!(error instanceof CommanderError)) console.error(printableLines(sentence(error)));
    process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
  }
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env.THUMBSMITH_DEBUG) return error.stack ?? error.message;
  return error.message;
}
