import path from "node:path";
import { type Options, synthesize } from "@thumbsmith/synth";

/** Collects why the attempts of `additions/refused.ts` are refused. Each is an unhandled rejection. */
export async function collectRefusals(edit?: Options["edit"]): Promise<string[]> {
  const messages: string[] = [];
  const collect = (error: unknown) => messages.push(error instanceof Error ? error.message : String(error));
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", collect);
  try {
    await synthesize({
      stage: "kim",
      addition: path.join(import.meta.dirname, "../additions/refused.ts"),
      edit,
    });
    return messages;
  } finally {
    process.removeListener("unhandledRejection", collect);
    for (const other of others) process.on("unhandledRejection", other);
  }
}
