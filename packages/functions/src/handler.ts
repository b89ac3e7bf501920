import { parseEnvironment } from "@thumbsmith/shared";
import type { Context, SQSEvent } from "aws-lambda";
import config from "../../../thumbsmith.config.ts";
import { createSubscriber } from "./subscriber.ts";
import { createClient } from "./sync/store.ts";
import { createTelemetry } from "./telemetry.ts";

const telemetry = createTelemetry();
const subscriber = createSubscriber({
  config,
  environment: parseEnvironment(process.env),
  client: createClient(),
  report: telemetry.report,
});

/** Lambda's entry: it is called with a batch of messages from the queue. */
export async function handler(event: SQSEvent, context: Context) {
  telemetry.begin(context);
  try {
    return await subscriber(event, context);
  } finally {
    telemetry.end();
  }
}
