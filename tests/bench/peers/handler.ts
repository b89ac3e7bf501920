// The function as it is deployed, warm: the argument is the folder of its package.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { answer, timed } from "./serve.ts";

interface Module {
  handler(event: SQSEvent, context: Pick<Context, "getRemainingTimeInMillis">): Promise<SQSBatchResponse>;
}

const [folder = ""] = process.argv.slice(2);
const { handler }: Module = await import(pathToFileURL(join(folder, "bundle.mjs")).href);
const context = { getRemainingTimeInMillis: () => 60_000 };

await answer<SQSEvent>(async (event) => {
  const { result, cpu, wall } = await timed(() => handler(event, context));
  if (result.batchItemFailures.length > 0) throw new Error("The handler failed.");
  return { cpu, wall };
});
