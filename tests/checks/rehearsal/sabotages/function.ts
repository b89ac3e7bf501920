import {
  AttachRolePolicyCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
} from "@aws-sdk/client-lambda";
import type { Broken, Sabotage } from "./sabotage.ts";

const EMPTY_ZIP = Buffer.concat([Buffer.from("PK\x05\x06"), Buffer.alloc(18)]);

const configured = (
  check: string,
  how: string,
  change: Partial<UpdateFunctionConfigurationCommandInput>,
): Sabotage => ({
  check: `function.${check}`,
  how,
  breakIt: ({ lambda, deployed }) =>
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: deployed.functionName, ...change })),
});

const functions: Sabotage[] = [
  configured("runtime", "an older Node", { Runtime: "nodejs18.x" }),
  configured("memory", "less memory", { MemorySize: 128 }),
  configured("time-out", "a shorter time", { Timeout: 3 }),
  ...["UPLOADS_BUCKET", "THUMBNAILS_BUCKET", "POWERTOOLS_METRICS_NAMESPACE"].map(
    (name): Sabotage => ({
      check: `function.environment.${name}`,
      how: "it gets another value",
      async breakIt({ lambda, deployed: { functionName: FunctionName }, function: configuration }) {
        const { Environment } = await configuration();
        const Variables = { ...Environment?.Variables, [name]: "another" };
        await lambda.send(
          new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }),
        );
      },
    }),
  ),
  {
    check: "function.concurrency",
    how: "one at a time",
    breakIt: ({ lambda, deployed: { functionName: FunctionName } }) =>
      lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 1 })),
  },
  {
    check: "function.callers",
    how: "another account may call it",
    breakIt: ({ lambda, deployed: { functionName: FunctionName } }) =>
      lambda.send(
        new AddPermissionCommand({
          FunctionName,
          StatementId: "other",
          Action: "lambda:InvokeFunction",
          Principal: "999999999999",
        }),
      ),
  },
  {
    check: "function.url",
    how: "it has a public URL",
    breakIt: ({ lambda, deployed: { functionName: FunctionName } }) =>
      lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: "NONE" })),
  },
];

const mapping = (
  how: string,
  change: { Enabled?: boolean; BatchSize?: number; FunctionResponseTypes?: [] },
): Sabotage => ({
  check: "mapping",
  how,
  async breakIt({ lambda, deployed: { functionName: FunctionName } }) {
    const { EventSourceMappings = [] } = await lambda.send(
      new ListEventSourceMappingsCommand({ FunctionName }),
    );
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID: EventSourceMappings[0]?.UUID, ...change }));
  },
});

const roleOf = async (live: Broken) => (await live.function()).Role?.split("/").at(-1);
const roles: Sabotage[] = [
  {
    check: "role.trust",
    how: "another account may assume it",
    breakIt: async (live) =>
      live.iam.send(
        new UpdateAssumeRolePolicyCommand({
          RoleName: await roleOf(live),
          PolicyDocument: JSON.stringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Action: "sts:AssumeRole",
                Principal: { AWS: "arn:aws:iam::999999999999:root" },
              },
            ],
          }),
        }),
      ),
  },
  {
    check: "role.managed-policies",
    how: "it is an administrator",
    breakIt: async (live) =>
      live.iam.send(
        new AttachRolePolicyCommand({
          RoleName: await roleOf(live),
          PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
        }),
      ),
  },
  {
    check: "role.rights",
    how: "it may read every bucket",
    breakIt: async (live) =>
      live.iam.send(
        new PutRolePolicyCommand({
          RoleName: await roleOf(live),
          PolicyName: "more",
          PolicyDocument: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
          }),
        }),
      ),
  },
];

/** Creates the function again, because moto does not update these two fields. */
const recreated = (check: string, how: string, change: Partial<CreateFunctionCommandInput>): Sabotage => ({
  check: `function.${check}`,
  how,
  async breakIt({ lambda, deployed: { functionName: FunctionName }, function: configuration }) {
    const { Role, Handler, Runtime, Environment } = await configuration();
    const Variables = Environment?.Variables;
    await lambda.send(new DeleteFunctionCommand({ FunctionName }));
    await lambda.send(
      new CreateFunctionCommand({
        ...{ FunctionName, Role, Handler, Runtime, Environment: { Variables }, Code: { ZipFile: EMPTY_ZIP } },
        ...{ Architectures: ["arm64"], TracingConfig: { Mode: "Active" }, ...change },
      }),
    );
  },
});

export const functionAndRole: Sabotage[] = [
  ...functions,
  mapping("a failure fails its whole batch", { FunctionResponseTypes: [] }),
  mapping("one message at a time", { BatchSize: 1 }),
  mapping("it is disabled", { Enabled: false }),
  ...roles,
  recreated("tracing", "no tracing", { TracingConfig: { Mode: "PassThrough" } }),
  recreated("architecture", "another machine", { Architectures: ["x86_64"] }),
];
