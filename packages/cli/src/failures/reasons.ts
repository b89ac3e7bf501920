import { setTimeout as delay } from "node:timers/promises";
import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { serviceOf } from "../deployment/service.ts";
import type { Target } from "../deployment/target.ts";
import { withActions } from "../terminal/advice.ts";

/** The seconds that SQS keeps a dead letter. */
const FORTNIGHT = 14 * 24 * 60 * 60;
/** A query of Logs Insights answers with no more rows than this. */
const MOST_ROWS = 10_000;
const POLL_INTERVAL_MS = 500;
const QUERY_TIMEOUT_MS = 60_000;

/**
 * Why keys failed, by the last line that the function logged for each. An event holds no error, so the log is the only
 * place that has it; without a log there is no answer.
 */
export async function reasons(target: Target): Promise<Map<string, string>> {
  if (!target.deployed) return new Map();
  const { logGroup } = await serviceOf(target, target.deployed);
  const logs = withActions(new CloudWatchLogsClient(target.access));
  try {
    const now = Math.floor(Date.now() / 1_000);
    const { queryId } = await logs.send(
      new StartQueryCommand({
        logGroupName: logGroup,
        startTime: now - FORTNIGHT,
        endTime: now,
        queryString: `filter message = "job" and result = "Failed" | stats latest(code) as reason by key | limit ${MOST_ROWS}`,
      }),
    );
    return await resultsOf(logs, queryId);
  } finally {
    logs.destroy();
  }
}

async function resultsOf(logs: CloudWatchLogsClient, queryId?: string): Promise<Map<string, string>> {
  for (const end = Date.now() + QUERY_TIMEOUT_MS; Date.now() < end; await delay(POLL_INTERVAL_MS)) {
    const { status, results = [] } = await logs.send(new GetQueryResultsCommand({ queryId }));
    if (status === "Scheduled" || status === "Running") continue;
    const rows = results.map((row) => Object.fromEntries(row.map(({ field = "", value }) => [field, value])));
    return new Map(rows.flatMap(({ key, reason }) => (key && reason ? [[key, reason] as const] : [])));
  }
  throw new Error("CloudWatch Logs did not answer within a minute. Try again, or leave out --code.");
}
