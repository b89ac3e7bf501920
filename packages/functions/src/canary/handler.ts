import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { parseEnvironment } from "@thumbsmith/shared";
import type { Context } from "aws-lambda";
import config from "../../../../thumbsmith.config.ts";
import { createClient } from "../sync/store.ts";
import { sendCanary } from "./canary.ts";

/** Milliseconds to keep for removing the image and publishing the metric. */
const END_RESERVE_MS = 20_000;

const logger = new Logger();
const metrics = new Metrics();
const environment = parseEnvironment(process.env);
const client = createClient();

/** The handler of the schedule. It never fails: the metric records the result, and the alarm also goes off without one. */
export async function handler(_event: unknown, context: Context) {
  logger.addContext(context);
  try {
    const seconds = (context.getRemainingTimeInMillis() - END_RESERVE_MS) / 1_000;
    const taken = await sendCanary({ config, environment, client, seconds });
    logger.info("canary", { seconds: taken });
    metrics.addMetric("CanarySeconds", MetricUnit.Seconds, taken);
    metrics.addMetric("CanaryFailed", MetricUnit.Count, 0);
  } catch (error) {
    logger.error("canary", { error: error instanceof Error ? error : String(error) });
    metrics.addMetric("CanaryFailed", MetricUnit.Count, 1);
  } finally {
    metrics.publishStoredMetrics();
  }
}
