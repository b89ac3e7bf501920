import path from "node:path";

/** The AWS account of all mocked resources. */
export const ACCOUNT = "123456789012";

type Properties = Record<string, unknown>;
export interface Call {
  token: string;
  inputs: Properties;
}

/** The properties that AWS would add to a resource when it is made, in the formats that SST's components parse. */
export function outputsOf(type: string, name: string, inputs: Properties, region: string): Properties {
  const named = (property: string) => String(inputs[property] ?? name);
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
  switch (type) {
    case "aws:s3/bucket:Bucket":
    case "aws:s3/bucketV2:BucketV2": {
      const bucket = named("bucket");
      return { id: bucket, bucket, arn: `arn:aws:s3:::${bucket}` };
    }
    case "aws:sqs/queue:Queue": {
      const url = `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${named("name")}`;
      return { id: url, url, name: named("name"), arn: arn("sqs", named("name")) };
    }
    case "aws:sns/topic:Topic":
      return { id: arn("sns", named("name")), name: named("name"), arn: arn("sns", named("name")) };
    case "aws:kms/key:Key": {
      const keyId = name === "Key" ? "key-id" : name;
      return { id: keyId, keyId, arn: arn("kms", `key/${keyId}`) };
    }
    case "aws:iam/role:Role":
      return { id: named("name"), name: named("name"), arn: `arn:aws:iam::${ACCOUNT}:role/${named("name")}` };
    case "aws:lambda/function:Function":
      return { id: named("name"), name: named("name"), arn: arn("lambda", `function:${named("name")}`) };
    case "aws:cloudwatch/logGroup:LogGroup":
      return { id: named("name"), name: named("name"), arn: arn("logs", `log-group:${named("name")}`) };
    case "aws:cloudwatch/eventRule:EventRule":
      return { id: named("name"), name: named("name"), arn: arn("events", `rule/${named("name")}`) };
    case "aws:cloudwatch/metricAlarm:MetricAlarm":
      return { id: named("name"), name: named("name"), arn: arn("cloudwatch", `alarm:${named("name")}`) };
    case "aws:kinesis/stream:Stream":
      return { id: named("name"), name: named("name"), arn: arn("kinesis", `stream/${named("name")}`) };
    case "aws:sfn/stateMachine:StateMachine":
      return { id: arn("states", `stateMachine:${name}`), arn: arn("states", `stateMachine:${name}`) };
    case "aws:dynamodb/table:Table": {
      const table = arn("dynamodb", `table/${named("name")}`);
      return { id: named("name"), name: named("name"), arn: table, streamArn: `${table}/stream/label` };
    }
    case "aws:cloudfront/distribution:Distribution":
      return {
        id: "EDFDVBD6EXAMPLE",
        arn: `arn:aws:cloudfront::${ACCOUNT}:distribution/EDFDVBD6EXAMPLE`,
        domainName: "d111111abcdef8.cloudfront.net",
        hostedZoneId: "Z2FDTNDATAQYW2",
      };
    case "aws:acm/certificate:Certificate": {
      const validation = {
        resourceRecordName: `_x.${inputs.domainName}.`,
        resourceRecordType: "CNAME",
        resourceRecordValue: "_y.acm-validations.aws.",
      };
      // CloudFront takes certificates only from us-east-1, in whichever region the stage is.
      const certificate = `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/certificate-id`;
      return { id: certificate, arn: certificate, domainValidationOptions: [validation] };
    }
    case "random:index/randomBytes:RandomBytes":
      return { id: name, base64: Buffer.alloc(32).toString("base64") };
    default:
      return { id: name };
  }
}

/** The answers of AWS and of the provider's data sources. */
export function answerTo({ token, inputs }: Call, region: string): Properties {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId: ACCOUNT };
    case "aws:index/getPartition:getPartition":
      return { partition: "aws" };
    case "aws:index/getRegion:getRegion":
      return { name: region };
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return { statements: inputs.statements, json: policyDocument(inputs) };
    default:
      throw new Error(`Expected a call that the harness knows, found ${token}.`);
  }
}

/** The answers of the `sst` command, which SST's components call. */
export function answerToComponent(method: string, directory: string): unknown {
  switch (method) {
    case "Provider.Aws.Bootstrap":
      return { asset: "sst-asset", state: "sst-state", assetEcrRegistryId: ACCOUNT, assetEcrUrl: "ecr" };
    case "Provider.Aws.Appsync":
      return { http: "appsync-http", realtime: "appsync-realtime" };
    case "Runtime.Build":
      return {
        handler: "bundle.handler",
        out: directory,
        errors: [],
        sourcemaps: [path.join(directory, "bundle.mjs.map")],
      };
    case "Runtime.AddTarget":
      return {};
    default:
      throw new Error(`Expected a method that the harness knows, found ${method}.`);
  }
}

interface StatementArgs {
  sid?: string;
  effect?: string;
  actions?: string[];
  resources?: string[];
  principals?: { type: string; identifiers: string[] }[];
  conditions?: { test: string; variable: string; values: string[] }[];
}

/** A policy in the format of the provider's data source. */
function policyDocument({ statements = [], sourcePolicyDocuments = [] }: Properties): string {
  const sources = (sourcePolicyDocuments as string[]).flatMap((json) => JSON.parse(json).Statement);
  const own = (statements as StatementArgs[]).map(
    ({ sid, effect, actions, resources, principals, conditions }) => ({
      ...(sid && { Sid: sid }),
      Effect: effect ?? "Allow",
      ...(principals && { Principal: principal(principals) }),
      Action: actions,
      Resource: resources,
      ...(conditions && { Condition: condition(conditions) }),
    }),
  );
  return JSON.stringify({ Version: "2012-10-17", Statement: [...sources, ...own] });
}

function principal(principals: NonNullable<StatementArgs["principals"]>) {
  if (principals.some(({ type }) => type === "*")) return "*";
  return Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers]));
}

function condition(conditions: NonNullable<StatementArgs["conditions"]>) {
  const result: Record<string, Record<string, string[]>> = {};
  for (const { test, variable, values } of conditions) {
    result[test] = { ...result[test], [variable]: values };
  }
  return result;
}
