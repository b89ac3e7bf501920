import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import type { Report } from "./subscriber.ts";

/**
 * Writes a log line and CloudWatch metrics for each job. Powertools reads the service's name and the metrics' namespace
 * from the function's environment. Object keys are only logged: as a dimension, each would be another metric to pay for.
 */
export function createTelemetry() {
  const logger = new Logger();
  const metrics = new Metrics();

  return {
    /** Adds the invocation's request id to the following lines. */
    begin(context: Context) {
      logger.addContext(context);
    },

    report(report: Report) {
      const line = describe(report);
      if (line.result === "Failed") logger.error("job", { ...line, error: report.error });
      // With `names: "any"`, S3 also sends events of folders that its console makes. They are not worth a line.
      else if (line.result === "Ignored") logger.debug("job", line);
      else logger.info("job", line);

      metrics.addMetric(line.result, MetricUnit.Count, 1);
      if (line.code)
        metrics.singleMetric().addDimension("code", line.code).addMetric("Code", MetricUnit.Count, 1);
      if (line.result === "Made" && line.pixels) metrics.addMetric("Pixels", MetricUnit.Count, line.pixels);
      for (const [phase, milliseconds] of Object.entries(line.milliseconds ?? {})) {
        metrics.addMetric(`Time-${phase}`, MetricUnit.Milliseconds, milliseconds);
      }
    },

    /** Writes the invocation's metrics. */
    end() {
      metrics.publishStoredMetrics();
    },
  };
}

/** The log line of a job. `result` is also the name of the metric that counts it. */
function describe(report: Report) {
  const { job, outcome, error } = report;
  const manifest = outcome?.manifest;
  const made = manifest?.outcome === "made" ? manifest : undefined;
  return {
    key: job.key,
    event: job.event,
    rule: outcome?.rule,
    result: resultOf(report),
    code: error?.code ?? (manifest?.outcome === "rejected" ? manifest.reason.code : undefined),
    rounds: outcome?.rounds,
    milliseconds: outcome?.phases,
    bytesIn: manifest?.source.bytes,
    bytesOut: made?.outputs.reduce((sum, { bytes }) => sum + bytes, 0),
    pixels: made && made.source.width * made.source.height,
    notes: made?.notes,
  };
}

/** An event that changed nothing is either a duplicate, or stale: its source has been replaced since. */
function resultOf({ job, outcome, error }: Report) {
  if (error) return error.kind === "failed" ? "Failed" : "Rejected";
  if (outcome.result !== "current") {
    return ({ made: "Made", rejected: "Rejected", removed: "Removed", ignored: "Ignored" } as const)[
      outcome.result
    ];
  }
  const isOfSource = !job.etag || outcome.manifest?.source.etag === `"${job.etag}"`;
  return isOfSource ? "Duplicate" : "Stale";
}
