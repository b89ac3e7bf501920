import { ThumbsmithError } from "@thumbsmith/shared";
import { captureLines } from "@thumbsmith/testing/output";
import type { Context } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Outcome } from "./sync/reconcile.ts";
import { createTelemetry } from "./telemetry.ts";

const job = { key: "uploads/secret-name.jpg", event: "ObjectCreated:Put", etag: "e1" };
const phases = { observe: 5, read: 20, make: 40, write: 30 };
const heading = { version: 1, config: "c", madeAt: "2026-11-02T09:14:08.000Z", release: "0.1.0" } as const;
const source = { key: job.key, etag: '"e1"', bytes: 1_000 };
const made: Outcome = {
  result: "made",
  rule: "uploads/",
  rounds: 1,
  phases,
  manifest: {
    ...heading,
    outcome: "made",
    source: { ...source, format: "jpeg", width: 400, height: 300 },
    outputs: [
      { key: "thumbnails/secret-name.jpg", etag: '"e2"', format: "jpeg", width: 150, height: 150, bytes: 90 },
    ],
  },
};
const rejected: Outcome = {
  ...made,
  result: "rejected",
  manifest: { ...heading, outcome: "rejected", source, reason: { code: "not-an-image", message: "No." } },
};
const denied = new ThumbsmithError("access-denied", "S3 said no.");

type Line = Record<string, unknown> & { _aws?: { CloudWatchMetrics: { Dimensions: string[][] }[] } };
let lines: Line[];

beforeEach(() => {
  vi.stubEnv("POWERTOOLS_SERVICE_NAME", "thumbsmith-test");
  vi.stubEnv("POWERTOOLS_METRICS_NAMESPACE", "Thumbsmith");
  lines = captureLines();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function told(...reports: Parameters<ReturnType<typeof createTelemetry>["report"]>[0][]) {
  const telemetry = createTelemetry();
  telemetry.begin({ awsRequestId: "r1", functionName: "f", memoryLimitInMB: "1769" } as Context);
  for (const report of reports) telemetry.report(report);
  telemetry.end();
  return { logs: lines.filter((line) => !line._aws), metrics: lines.filter((line) => line._aws) };
}

describe("telemetry", () => {
  it("writes one line for a job, with its source, its result and its times", () => {
    const { logs } = told({ job, outcome: made });
    expect(logs).toHaveLength(1);
    expect(logs[0]).toMatchObject({
      level: "INFO",
      message: "job",
      service: "thumbsmith-test",
      function_request_id: "r1",
      key: "uploads/secret-name.jpg",
      rule: "uploads/",
      event: "ObjectCreated:Put",
      result: "Made",
      rounds: 1,
      milliseconds: phases,
      bytesIn: 1_000,
      bytesOut: 90,
      pixels: 120_000,
    });
  });

  it("writes a failure as an error, with its code and its cause", () => {
    const { logs } = told({ job, error: denied });
    expect(logs).toMatchObject([
      { level: "ERROR", result: "Failed", code: "access-denied", error: { message: "S3 said no." } },
    ]);
  });

  it("writes no line for an object that no rule reads, such as a folder", () => {
    const ignored: Outcome = { result: "ignored", rounds: 1, phases };
    const { logs, metrics } = told({ job: { ...job, key: "uploads/folder/" }, outcome: ignored });
    expect(logs).toEqual([]);
    expect(metrics).toMatchObject([{ Ignored: 1 }]);
    expect(metrics[0]).not.toHaveProperty("Rejected");
  });

  it.each<[string, Parameters<typeof told>[0], object]>([
    ["made", { job, outcome: made }, { Made: 1, Pixels: 120_000, "Time-make": 40 }],
    ["rejected", { job, outcome: rejected }, { Rejected: 1 }],
    ["failed", { job, error: denied }, { Failed: 1 }],
    ["removed", { job, outcome: { ...made, result: "removed", manifest: undefined } }, { Removed: 1 }],
    ["a duplicate", { job, outcome: { ...made, result: "current" } }, { Duplicate: 1 }],
    ["stale", { job: { ...job, etag: "e0" }, outcome: { ...made, result: "current" } }, { Stale: 1 }],
  ])("counts a job that was %s", (_, report, counts) => {
    const { metrics } = told(report);
    expect(metrics.at(-1)).toMatchObject({ service: "thumbsmith-test", ...counts });
  });

  it("counts rejections and failures by code", () => {
    const { metrics } = told({ job, outcome: rejected }, { job, error: denied });
    expect(metrics).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: "not-an-image", Code: 1 }),
        expect.objectContaining({ code: "access-denied", Code: 1 }),
      ]),
    );
  });

  it("never puts an object key into a metric", () => {
    const { metrics } = told({ job, outcome: made }, { job, outcome: rejected }, { job, error: denied });
    expect(metrics).not.toHaveLength(0);
    expect(JSON.stringify(metrics)).not.toContain("secret-name");
  });
});
