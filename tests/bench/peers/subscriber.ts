// The function with another configuration than the deployed one: the argument is what it makes of an upload, as JSON.
import { createClient, createSubscriber } from "@thumbsmith/functions";
import { defineConfig, parseEnvironment } from "@thumbsmith/shared";
import type { SQSEvent } from "aws-lambda";
import { answer, memory } from "./serve.ts";

const [variants = "[]"] = process.argv.slice(2);
const subscriber = createSubscriber({
  config: defineConfig({ rules: [{ prefix: "uploads/", variants: JSON.parse(variants) }] }),
  environment: parseEnvironment(process.env),
  client: createClient(),
  report: ({ error }) => error && console.error(error),
});

await answer<SQSEvent>(async (event) => {
  const start = performance.now();
  const { batchItemFailures } = await subscriber(event, { getRemainingTimeInMillis: () => 60_000 });
  if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} messages failed.`);
  return { ...memory(), wall: performance.now() - start };
});
