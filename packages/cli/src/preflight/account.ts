import { GetAccountSettingsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { readConfig } from "@thumbsmith/local";
import { isRetained, namedRegion } from "@thumbsmith/shared";
import { withActions } from "../terminal/advice.ts";
import type { Check } from "../verify/checks.ts";

const allowedIds = () => process.env.ALLOWED_ACCOUNT_IDS?.split(/[\s,]+/).filter(Boolean) ?? [];

/** Checks of the credentials' account: its region, its ID, and its spare concurrency. */
export function accountChecks(stage = ""): Check<void>[] {
  const allowed = allowedIds();
  return [
    {
      id: "region",
      expected: isRetained(stage)
        ? `AWS_REGION or AWS_DEFAULT_REGION: the data of ${stage} is kept`
        : "AWS_REGION, AWS_DEFAULT_REGION, the profile's, or us-east-1",
      read: async () => (isRetained(stage) ? (namedRegion(process.env) ?? "none") : region()),
      accepts: (found) => /^[a-z]{2}-[a-z]+-\d$/.test(found),
    },
    {
      id: "account",
      expected: allowed.length > 0 ? allowed.join(" or ") : "any, with credentials",
      read: account,
      accepts: (found) => /^\d{12}$/.test(found) && (allowed.length === 0 || allowed.includes(found)),
    },
    {
      id: "concurrency",
      expected: "enough for limits.concurrency",
      read: spareConcurrency,
      accepts: (found) => found.startsWith("enough"),
    },
  ];
}

/** What is recommended for a deployment, but not required. */
export function accountAdvice(stage = ""): string | undefined {
  if (!isRetained(stage) || allowedIds().length > 0) return undefined;
  return `Recommended: set ALLOWED_ACCOUNT_IDS. Without it, ${stage} is deployed to whichever account your credentials belong to.`;
}

/** As SST finds it: the environment's, the profile's, or a default. */
export async function region(): Promise<string> {
  const client = new STSClient({ region: namedRegion(process.env) });
  try {
    // The SDK throws if nothing names a region.
    return await client.config.region().catch(() => "us-east-1");
  } finally {
    client.destroy();
  }
}

export async function account(): Promise<string> {
  const sts = withActions(new STSClient({ region: await region() }));
  try {
    return (await sts.send(new GetCallerIdentityCommand())).Account ?? "none";
  } finally {
    sts.destroy();
  }
}

async function spareConcurrency(): Promise<string> {
  const config = await readConfig();
  const lambda = withActions(new LambdaClient({ region: await region() }));
  try {
    const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand());
    const spare = AccountLimit?.UnreservedConcurrentExecutions ?? 0;
    const { concurrency } = config.limits;
    return spare >= concurrency
      ? `enough: ${spare}`
      : `${spare} for ${concurrency}: request more in Service Quotas`;
  } finally {
    lambda.destroy();
  }
}
