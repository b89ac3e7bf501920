import {
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { withActions } from "../terminal/advice.ts";
import type { Target } from "./target.ts";

/** What the deployed function's configuration says. */
export interface Service {
  /** The app's name and stage, as its metrics and alarms are named. */
  name: string;
  logGroup: string;
}

export async function serviceOf(
  { access }: Pick<Target, "access">,
  { functionName }: NonNullable<Target["deployed"]>,
): Promise<Service> {
  const lambda = withActions(new LambdaClient(access));
  try {
    const command = new GetFunctionConfigurationCommand({ FunctionName: functionName });
    const configuration = await lambda.send(command);
    const name = configuration.Environment?.Variables?.POWERTOOLS_SERVICE_NAME;
    if (name) return { name, logGroup: logGroupOf(configuration) };
    throw new Error(`${functionName} has no POWERTOOLS_SERVICE_NAME. Deploy again: pnpm sst deploy`);
  } finally {
    lambda.destroy();
  }
}

/** Where the function logs: Lambda uses this name unless another is configured. */
export function logGroupOf({ LoggingConfig, FunctionName }: FunctionConfiguration): string {
  return LoggingConfig?.LogGroup ?? `/aws/lambda/${FunctionName}`;
}
